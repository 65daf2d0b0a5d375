"""`medaction serve-policy`: policies as an OpenAI-compatible server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer

from medaction.cli.app import app, fail, print_json
from medaction.cli.policies import load_graph, load_policy
from medaction.distill.policies.assisted import NAME as ASSISTED
from medaction.distill.policies.assisted import AssistedPolicy, AssistedPrompt, relay_assisted
from medaction.distill.policies.dialogue import NotADialogueError, read_dialogue
from medaction.distill.policies.kg import KgPolicy
from medaction.distill.policies.policy import Policy
from medaction.domain.prompt import Message
from medaction.inference.errors import ModelError
from medaction.inference.policy_server import (
    PolicyServer,
    PolicyServerSettings,
    ServedPolicy,
    UnanswerableError,
    serve_until_stopped,
)
from medaction.inference.port import ChatModel, ChatRequest, Delta
from medaction.inference.registry import ModelSpec, open_model
from medaction.inference.timeouts import Timeouts
from medaction.inference.weights import label_for
from medaction.knowledge import KnowledgeGraph

DEFAULTS = PolicyServerSettings()
# How long to wait is for the client to say: it closes the stream, and so the model's.
PATIENT = Timeouts(first_token=600, idle=600, total=3600)


@app.command("serve-policy")
def serve_policy(
    policies: Annotated[
        list[str] | None, typer.Argument(help="kg, assisted. [default: kg, and assisted with --model-url]")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = DEFAULTS.host,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8081,
    pace: Annotated[
        float, typer.Option(help="Tokens a second, to be read along; 0: everything at once.", min=0)
    ] = DEFAULTS.tokens_per_second,
    model_url: Annotated[str, typer.Option(help="The model server that assisted asks.")] = "",
    model_name: Annotated[str, typer.Option(help="The model's name there; empty: its first.")] = "",
    adapter: Annotated[str, typer.Option(help="A LoRA adapter that the model server has loaded (llama.cpp).")] = "",
    model_api_key: Annotated[
        str, typer.Option(envvar="MODEL_API_KEY", help="The model server's key.", show_envvar=True)
    ] = "",
    api_key: Annotated[
        str, typer.Option(envvar="POLICY_API_KEY", help="Refuse requests without this key.", show_envvar=True)
    ] = "",
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Announce the address as one JSON line.")] = False,
) -> None:
    """Serve policies (chat completions, streaming) until Ctrl-C or SIGTERM.

    assisted is a model that is offered candidates and tests by the knowledge graph: it needs --model-url. With
    --adapter it is served under the adapter's name.
    """
    names = list(dict.fromkeys(policies or [KgPolicy.name, *([ASSISTED] if model_url else [])]))
    if ASSISTED in names and not model_url:
        raise typer.BadParameter("assisted needs the server of a model: --model-url")
    try:
        model = (
            open_model(ModelSpec("openai", model_name, model_url, model_api_key, adapter=adapter), timeouts=PATIENT)
            if model_url
            else None
        )
    except ModelError as error:
        raise typer.BadParameter(error.message) from error
    graph = load_graph(cache)
    served = [_served(name, graph, model, adapter) for name in names]

    def announce(url: str) -> None:
        if as_json:
            print_json(
                {"url": url, "name": served[0].name, "label": served[0].label, "names": [one.name for one in served]}
            )
        for one in () if as_json else served:
            print(f"{one.label} is served at {url} under the name {one.name}", flush=True)

    settings = PolicyServerSettings(host, port, pace, api_key)
    try:
        asyncio.run(_serve(PolicyServer(served, settings), model, announce))
    except OSError as error:
        fail(f"cannot listen on {host}:{port}: {error.strerror or error}")


async def _serve(server: PolicyServer, model: ChatModel | None, announce: Callable[[str], None]) -> None:
    try:
        await serve_until_stopped(server, announce=announce)
    finally:
        if model is not None:
            await model.aclose()


def _served(name: str, graph: KnowledgeGraph, model: ChatModel | None, adapter: str) -> ServedPolicy:
    if name == ASSISTED and model is not None:
        return _served_assisted(AssistedPrompt(KgPolicy(graph)), model, adapter)
    policy: Policy = load_policy(name, graph)

    async def answer(messages: Sequence[Message]) -> str:
        try:
            reply = await policy.answer(read_dialogue(messages))
        except NotADialogueError as error:
            raise UnanswerableError(f"{error}.") from error
        return reply.text

    return ServedPolicy(policy.name, policy.label, answer=answer)


def _served_assisted(prompt: AssistedPrompt, model: ChatModel, adapter: str) -> ServedPolicy:
    async def relay(request: ChatRequest) -> AsyncGenerator[Delta, None]:
        try:
            async with aclosing(relay_assisted(model, prompt, request)) as deltas:
                async for delta in deltas:
                    yield delta
        except NotADialogueError as error:
            raise UnanswerableError(f"{error}.") from error

    # An adapter trained for this prompt is a model of its own, and goes by its name.
    label = label_for(adapter) if adapter else AssistedPolicy(model, prompt).label
    return ServedPolicy(adapter or ASSISTED, label, relay=relay)
