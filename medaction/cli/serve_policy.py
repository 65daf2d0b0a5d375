"""`medaction serve-policy`: a policy as an OpenAI-compatible server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from medaction.cli.app import app, fail, print_json
from medaction.cli.policies import load_graph, load_policy
from medaction.distill.policies.dialogue import NotADialogueError, read_dialogue
from medaction.domain.prompt import Message
from medaction.inference.policy_server import (
    PolicyServer,
    PolicyServerSettings,
    UnanswerableError,
    serve_until_stopped,
)

DEFAULTS = PolicyServerSettings()


@app.command("serve-policy")
def serve_policy(
    policy: Annotated[str, typer.Argument(help="Which policy: kg.")] = "kg",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = DEFAULTS.host,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8081,
    pace: Annotated[
        float, typer.Option(help="Tokens a second, to be read along; 0: everything at once.", min=0)
    ] = DEFAULTS.tokens_per_second,
    api_key: Annotated[
        str, typer.Option(envvar="POLICY_API_KEY", help="Refuse requests without this key.", show_envvar=True)
    ] = "",
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Announce the address as one JSON line.")] = False,
) -> None:
    """Serve a policy (chat completions, streaming) until Ctrl-C or SIGTERM."""
    chosen = load_policy(policy, load_graph(cache))

    async def answer(messages: Sequence[Message]) -> str:
        try:
            reply = await chosen.answer(read_dialogue(messages))
        except NotADialogueError as error:
            raise UnanswerableError(f"{error}.") from error
        return reply.text

    def announce(url: str) -> None:
        if as_json:
            print_json({"url": url, "name": chosen.name, "label": chosen.label})
        else:
            print(f"{chosen.label} is served at {url} under the name {chosen.name}", flush=True)

    settings = PolicyServerSettings(host, port, pace, api_key)
    server = PolicyServer(answer, name=chosen.name, label=chosen.label, settings=settings)
    try:
        asyncio.run(serve_until_stopped(server, announce=announce))
    except OSError as error:
        fail(f"cannot listen on {host}:{port}: {error.strerror or error}")
