"""`medaction serve-model`: the embedded model, or a release through vLLM, as an OpenAI-compatible server."""

from __future__ import annotations

import os
import shlex
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medaction.cli.app import app, fail, print_json
from medaction.inference.embedded import EmbeddedSettings, Served, serve
from medaction.inference.release import ReleaseManifest, ReleaseManifestError, read_manifest
from medaction.inference.vllm import VllmError, VllmSettings, run_vllm, vllm_command, vllm_environment
from medaction.inference.weights import EmbeddedModelError, find_adapter

DEFAULTS = EmbeddedSettings()
VLLM = "vLLM (--engine vllm)"


class Engine(StrEnum):
    EMBEDDED = "embedded"
    VLLM = "vllm"


@app.command("serve-model")
def serve_model(
    engine: Annotated[Engine, typer.Option(help="llama.cpp in this process, or vLLM on GPUs.")] = Engine.EMBEDDED,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = DEFAULTS.host,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8080,
    model_dir: Annotated[
        Path | None,
        typer.Option(
            help="A folder with one .gguf file, instead of the weights that come with medaction. vLLM: a release "
            "manifest, or the output folder of a training."
        ),
    ] = None,
    adapter: Annotated[
        list[Path] | None, typer.Option(help="LoRA adapter in GGUF; may be given more than once.")
    ] = None,
    threads: Annotated[
        int, typer.Option(help="Processor threads; 0: all, up to 8.", min=0, max=256)
    ] = DEFAULTS.threads,
    ctx: Annotated[
        int | None,
        typer.Option(
            help=f"Tokens that one conversation may use (default: {DEFAULTS.context_tokens}, or the manifest's).",
            min=256,
            max=1048576,
        ),
    ] = None,
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
    base: Annotated[
        str, typer.Option(help="The base model: a folder, or a name that vLLM finds.", rich_help_panel=VLLM)
    ] = "",
    tensor_parallel: Annotated[
        int | None,
        typer.Option(help="GPUs to share each layer (default: the manifest's).", min=1, rich_help_panel=VLLM),
    ] = None,
    gpu_share: Annotated[
        float, typer.Option(help="Part of each GPU's memory.", min=0.05, max=1.0, rich_help_panel=VLLM)
    ] = 0.9,
    without_gpu: Annotated[
        bool, typer.Option("--without-gpu", help="vLLM's build for processors.", rich_help_panel=VLLM)
    ] = False,
    print_command: Annotated[
        bool, typer.Option("--print-command", help="Print vLLM's command and do not run it.", rich_help_panel=VLLM)
    ] = False,
) -> None:
    """Serve a model (chat completions, streaming, JSON schema) until Ctrl-C or SIGTERM."""
    if engine is Engine.VLLM:
        if requantise is not None or adapter:
            raise typer.BadParameter(
                "--requantise and --adapter are for the embedded engine; the manifest names the adapter."
            )
        settings_of_vllm = VllmSettings(host, port, base, tensor_parallel, ctx, gpu_share, api_key, without_gpu)
        _serve_vllm(model_dir, settings_of_vllm, print_command=print_command, as_json=as_json)
        return
    if base or tensor_parallel or without_gpu or print_command:
        raise typer.BadParameter("--base, --tensor-parallel, --without-gpu and --print-command need --engine vllm.")

    def announce(served: Served) -> None:
        if as_json:
            print_json(asdict(served))
        else:
            print(f"{served.label} is served at {served.url} under the name {served.name}", flush=True)

    if requantise is not None and model_dir is not None:
        raise typer.BadParameter("--requantise is for the weights that come with medaction, not for --model-dir.")
    try:
        settings = EmbeddedSettings(
            host=host,
            port=port,
            model_dir=model_dir,
            adapters=tuple(adapter or ()),
            selectable=() if model_dir or adapter else (find_adapter(),),
            threads=threads,
            context_tokens=ctx or DEFAULTS.context_tokens,
            parallel=parallel,
            api_key=api_key,
            requantise_in=requantise,
        )
        serve(settings, announce=announce)
    except EmbeddedModelError as error:
        fail(str(error))


def _serve_vllm(place: Path | None, settings: VllmSettings, *, print_command: bool, as_json: bool) -> None:
    try:
        manifest, folder = _find_release(place, settings.base)
        command = vllm_command(manifest, folder, settings)
        if print_command:
            told = vllm_environment(settings, command)
            shown = {name: "$MODEL_API_KEY" if name == "VLLM_API_KEY" else value for name, value in told.items()}
            if as_json:
                print_json({"command": command, "environment": shown})
            else:
                print(" ".join([*(f"{name}={value}" for name, value in shown.items()), shlex.join(command)]))
            return
        code = run_vllm(command, settings, environment=os.environ)
    except (ReleaseManifestError, VllmError) as error:
        fail(str(error))
    raise typer.Exit(code)


def _find_release(place: Path | None, base: str) -> tuple[ReleaseManifest, Path]:
    if place is not None:
        return read_manifest(place), place if place.is_dir() else place.parent
    if base:
        return ReleaseManifest(name=Path(base).name, base=base), Path()
    raise typer.BadParameter("vLLM needs --model-dir (a release manifest or a training's output) or --base.")
