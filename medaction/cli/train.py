"""`medaction train`: SFT and DPO on dataset versions. Torch is loaded only once a command has checked its arguments."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from medaction.cli.app import app, print_json
from medaction.cli.interrupts import INTERRUPTED
from medaction.cli.progress import show_progress
from medaction.knowledge.cache import default_cache
from medaction.training.errors import TrainingError
from medaction.training.libraries import require_extra
from medaction.training.settings import list_configs, read_settings

train = typer.Typer(help="Fine-tune on dataset versions (extra `train`): sft, dpo, export.", no_args_is_help=True)
app.add_typer(train, name="train")

Data = Annotated[Path, typer.Option(help="A dataset version's folder.")]
Config = Annotated[str, typer.Option(help=f"{', '.join(list_configs())}, or a YAML file.")]
Out = Annotated[Path, typer.Option(help="A new folder.")]
Set = Annotated[list[str] | None, typer.Option("--set", help="One setting, as learning_rate=1e-4; can be given again.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")]
Cache = Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder for bases made from GGUF.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@train.command()
def sft(
    data: Data,
    out: Out,
    config: Config = "smollm2-135m",
    settings: Set = None,
    resume: Resume = False,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Supervised fine-tuning on the turns that a dataset marks as learned (sft, parquet or prompt-completion)."""
    _run("sft", data, out, config, settings or [], resume, cache, as_json)


@train.command()
def dpo(
    data: Data,
    out: Out,
    config: Config = "smollm2-135m",
    settings: Set = None,
    resume: Resume = False,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Direct preference optimisation on pairs of siblings (--format dpo)."""
    _run("dpo", data, out, config, settings or [], resume, cache, as_json)


@train.command()
def base(
    from_gguf: Annotated[Path, typer.Option("--from-gguf", help="A GGUF model.")],
    out: Out,
    as_json: Json = False,
) -> None:
    """Write a GGUF model as a Hugging Face checkpoint, with tokenizer and chat template."""
    with ended():
        bases = load("bases")
        if out.exists():
            raise TrainingError(f"{out} is there already; name another folder, or delete it")
        if not from_gguf.is_file():
            raise TrainingError(f"the base model is missing: there is no file {from_gguf}")
        bases.convert_gguf(from_gguf, out)
        told = {"base": bases.hash_base(out), "folder": str(out)}
    print_json(told) if as_json else print(f"{out} is written, {told['base'][:12]}")


def _run(
    kind: str,
    data: Path,
    out: Path,
    config: str,
    overrides: list[str],
    resume: bool,
    cache: Path | None,
    as_json: bool,
) -> None:
    with ended():
        settings = read_settings(config, overrides)
        run = load("run")
        progress = run.Progress(lambda total, done: show_progress("Steps", total, done), say)
        manifest = run.train(
            kind, data, settings, out, resume=resume, cache=cache or default_cache(), progress=progress
        )
    if not manifest:
        return
    if as_json:
        print_json(manifest)
        return
    told = manifest["held_out_loss"] or manifest["loss"]
    fell = f"loss {told['first']:.4f} → {told['last']:.4f}"
    print(f"{out} is written, {manifest['hash'][:12]}: {manifest['steps']} steps, {fell}")


def load(module: str) -> Any:
    """A module that imports torch, made quiet. The libraries report to nobody that they ran."""
    require_extra()
    say("Loading torch")
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    for name in ("HF_HUB_DISABLE_PROGRESS_BARS", "HF_DATASETS_DISABLE_PROGRESS_BARS", "TOKENIZERS_PARALLELISM"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    # Threads that wait without turning: on a machine that others use too, a step is many times faster.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Names that the libraries themselves still use and are about to drop.
    warnings.simplefilter("ignore", FutureWarning)
    import_module("transformers").utils.logging.disable_progress_bar()
    return import_module(f"medaction.training.{module}")


def say(text: str) -> None:
    typer.echo(f"medaction: {text}", err=True)


@contextmanager
def ended() -> Iterator[None]:
    """Faults as one line and an exit code: 1 before training began, 3 once it had, 130 after Ctrl-C."""
    try:
        yield
    except TrainingError as error:
        say(str(error))
        raise typer.Exit(error.code) from None
    except OSError as error:
        say(f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        say("stopped; the last checkpoint is kept, and --resume goes on from it")
        raise typer.Exit(INTERRUPTED) from None
