"""What `medaction train export` writes, each whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import torch
from peft import PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from medaction.corpus.files import hash_file
from medaction.domain.canonical import content_hash

from ..bases import Base, find_base, hash_base
from ..card import render_card
from ..errors import TrainingError
from ..finish import CARD, FORMAT, MANIFEST
from .adapter import write_adapter
from .architectures import find_architecture
from .gguf_model import write_model


def export_adapter(folder: Path, out: Path, cache: Path) -> dict[str, Any]:
    """Raises :class:`TrainingError`. Returns what was written: ``file``, ``sha256``, ``bytes``, ``matrices``."""
    manifest = read_training(folder)
    if manifest["settings"]["method"] != "lora":
        raise TrainingError(f"{folder} was trained whole and has no adapter: use --gguf merged")
    architecture = find_architecture(AutoConfig.from_pretrained(_base(manifest, cache).folder))
    matrices = 0

    def write(scratch: Path) -> None:
        nonlocal matrices
        matrices = write_adapter(folder, architecture, scratch, _about(manifest))

    return {**_whole_file(out, write), "matrices": matrices}


def export_merged(folder: Path, out: Path, cache: Path, quant: str) -> dict[str, Any]:
    """Raises :class:`TrainingError`. Returns what was written: ``file``, ``sha256``, ``bytes``."""
    manifest = read_training(folder)
    model = _merged(folder, manifest, cache)
    template = AutoTokenizer.from_pretrained(folder).chat_template
    name = f"{manifest['base']['name']}-medaction-{manifest['hash'][:8]}"
    return _whole_file(out, lambda scratch: write_model(model, folder, template, scratch, quant=quant, name=name))


def export_folder(folder: Path, out: Path, cache: Path) -> dict[str, Any]:
    """A whole model in Hugging Face's form, for a server or a further training. Raises :class:`TrainingError`."""
    if out.exists():
        raise TrainingError(f"{out} is there already; name another folder, or delete it")
    manifest = read_training(folder)
    model = _merged(folder, manifest, cache)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as scratch:
        staged = Path(scratch) / "model"
        model.save_pretrained(staged)
        AutoTokenizer.from_pretrained(folder).save_pretrained(staged)
        (staged / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
        (staged / CARD).write_text(render_card(manifest), encoding="utf-8")
        staged.replace(out)
    return {"folder": str(out), "base": hash_base(out)}


def read_training(folder: Path) -> dict[str, Any]:
    """The manifest of a finished training, whose files are what it says. Raises :class:`TrainingError`."""
    path = folder / MANIFEST
    manifest = orjson.loads(path.read_bytes()) if path.is_file() else None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise TrainingError(f"{folder} is no finished training: it has no {MANIFEST} of the form {FORMAT}")
    if content_hash({key: value for key, value in manifest.items() if key != "hash"}) != manifest["hash"]:
        raise TrainingError(f"{path} was changed after it was written: its hash is another one")
    for name, digest in manifest["files"].items():
        if not (folder / name).is_file() or hash_file(folder / name) != digest:
            raise TrainingError(f"{folder / name} is missing or was changed after the training")
    return manifest


def _base(manifest: dict[str, Any], cache: Path) -> Base:
    base = find_base(manifest["settings"]["base"], cache)
    if base.hash != manifest["base"]["hash"]:
        raise TrainingError(
            f"the base {base.name} is not the one it was trained on: {base.hash[:12]} instead of "
            f"{manifest['base']['hash'][:12]}"
        )
    return base


def _merged(folder: Path, manifest: dict[str, Any], cache: Path) -> Any:
    if manifest["settings"]["method"] == "full":
        return AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
    base = AutoModelForCausalLM.from_pretrained(_base(manifest, cache).folder, dtype=torch.float32)
    merged: Any = PeftModel.from_pretrained(base, folder)
    return merged.merge_and_unload()


def _about(manifest: dict[str, Any]) -> dict[str, str]:
    base = manifest["base"]
    return {
        "general.name": f"{base['name']}-medaction-{manifest['hash'][:8]}",
        "medaction.training": manifest["hash"],
        "medaction.dataset": manifest["dataset"],
        "medaction.prompt": manifest["prompt"],
        "medaction.chat_template": manifest["chat_template"],
        "medaction.base": base["gguf"] or base["hash"],
    }


def _whole_file(out: Path, write: Callable[[Path], None]) -> dict[str, Any]:
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as scratch:
        path = Path(scratch) / out.name
        write(path)
        shutil.move(path, out)
    return {"file": str(out), "sha256": hash_file(out), "bytes": out.stat().st_size}
