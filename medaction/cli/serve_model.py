"""`medaction serve-model`: the embedded model as an OpenAI-compatible server."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from medaction.cli.app import app, fail, print_json
from medaction.inference.embedded import EmbeddedSettings, Served, serve
from medaction.inference.weights import EmbeddedModelError

DEFAULTS = EmbeddedSettings()


@app.command("serve-model")
def serve_model(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = DEFAULTS.host,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8080,
    model_dir: Annotated[
        Path | None, typer.Option(help="A folder with one .gguf file, instead of the weights that come with medaction.")
    ] = None,
    adapter: Annotated[
        list[Path] | None, typer.Option(help="LoRA adapter in GGUF; may be given more than once.")
    ] = None,
    threads: Annotated[
        int, typer.Option(help="Processor threads; 0: all, up to 8.", min=0, max=256)
    ] = DEFAULTS.threads,
    ctx: Annotated[
        int, typer.Option(help="Tokens that one conversation may use.", min=256, max=131072)
    ] = DEFAULTS.context_tokens,
    parallel: Annotated[int, typer.Option(help="Conversations at once.", min=1, max=64)] = DEFAULTS.parallel,
    requantise: Annotated[
        Path | None,
        typer.Option(
            help="Keep the weights as Q8_0 in this folder: half a minute of work once, prompts read twice as fast."
        ),
    ] = None,
    api_key: Annotated[
        str, typer.Option(envvar="MODEL_API_KEY", help="Refuse requests without this key.", show_envvar=True)
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Announce the address as one JSON line.")] = False,
) -> None:
    """Serve the embedded model (chat completions, streaming, JSON schema) until Ctrl-C or SIGTERM."""

    def announce(served: Served) -> None:
        if as_json:
            print_json(asdict(served))
        else:
            print(f"{served.label} is served at {served.url} under the name {served.name}", flush=True)

    if requantise is not None and model_dir is not None:
        raise typer.BadParameter("--requantise is for the weights that come with medaction, not for --model-dir.")
    settings = EmbeddedSettings(
        host=host,
        port=port,
        model_dir=model_dir,
        adapters=tuple(adapter or ()),
        threads=threads,
        context_tokens=ctx,
        parallel=parallel,
        api_key=api_key,
        requantise_in=requantise,
    )
    try:
        serve(settings, announce=announce)
    except EmbeddedModelError as error:
        fail(str(error))
