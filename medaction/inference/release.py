"""What a model release says of itself: `manifest.json` beside the weights, written by training or by hand.

Strict: an unknown key, a hash that is none or a path that leaves the folder is an error, never a guess.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from medaction.domain.canonical import content_hash

KIND = "medaction.release"
VERSION = 1
TRAINING = "medaction.training/1"
ADAPTER = "adapter_model.safetensors"
DEFAULT_LENGTH = 8192
MANIFEST = "manifest.json"
MAX_BYTES = 4 << 20
SHIPPED = Path(__file__).parent / "releases"
STRUCTURED_OUTPUTS = ("xgrammar", "guidance", "auto")
HASHES = ("base_hash", "adapter_hash", "chat_template_hash", "prompt_hash", "trained_on")
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][\w.+:/-]{0,119}")


class ReleaseManifestError(ValueError):
    """The manifest cannot be used. The text is one line that says what is wrong with which key."""


@dataclass(frozen=True, slots=True)
class ReleaseManifest:
    """One model as it may be served.

    `name` is what a request names. `base` is a folder or file beside the manifest, or the name of a model that the
    server finds itself; `adapter` (LoRA) and `chat_template` lie beside the manifest. A hash is 64 hexadecimal digits
    or empty; `trained_on` is the content hash of a dataset version. `max_length` counts the tokens of a conversation.
    `card` is Markdown.
    """

    name: str
    base: str
    label: str = ""
    base_hash: str = ""
    adapter: str = ""
    adapter_hash: str = ""
    adapter_rank: int = 0
    chat_template: str = ""
    chat_template_hash: str = ""
    prompt_hash: str = ""
    trained_on: str = ""
    max_length: int = DEFAULT_LENGTH
    tensor_parallel: int = 1
    prefix_caching: bool = True
    structured_outputs: str = "xgrammar"
    card: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value).__name__ != field.type:
                raise ReleaseManifestError(f"{field.name} must be {_SAID[str(field.type)]}, not {value!r}.")
        if not _NAME.fullmatch(self.name):
            raise ReleaseManifestError("name must be letters, digits and . _ + : / - and begin with a letter or digit.")
        if not self.base or self.base.startswith("-"):
            raise ReleaseManifestError("base must name a model or a path.")
        for name in HASHES:
            value = getattr(self, name)
            if value and not _HASH.fullmatch(value):
                raise ReleaseManifestError(f"{name} must be 64 hexadecimal digits.")
        for name in ("adapter", "chat_template"):
            _check_inside(name, getattr(self, name))
        if bool(self.adapter) != bool(self.adapter_rank) or self.adapter_rank < 0:
            raise ReleaseManifestError("adapter and adapter_rank come together: the rank is a positive number.")
        if not 256 <= self.max_length <= 1_048_576:
            raise ReleaseManifestError("max_length must be between 256 and 1048576 tokens.")
        if not 1 <= self.tensor_parallel <= 64:
            raise ReleaseManifestError("tensor_parallel must be between 1 and 64 devices.")
        if self.structured_outputs not in STRUCTURED_OUTPUTS:
            raise ReleaseManifestError(f"structured_outputs must be one of {', '.join(STRUCTURED_OUTPUTS)}.")

    @classmethod
    def from_json(cls, data: bytes) -> ReleaseManifest:
        """Raises `ReleaseManifestError`."""
        try:
            document = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise ReleaseManifestError("The manifest is not JSON.") from error
        if not isinstance(document, dict) or document.get("kind") != KIND:
            raise ReleaseManifestError(f"The manifest must be an object with kind {KIND!r}.")
        if document.get("version") != VERSION:
            raise ReleaseManifestError(f"This program reads version {VERSION} of a release manifest.")
        values = {name: value for name, value in document.items() if name not in ("kind", "version", "content_hash")}
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise ReleaseManifestError(f"The manifest has unknown keys: {', '.join(unknown)}.")
        missing = [name for name in ("name", "base") if name not in values]
        if missing:
            raise ReleaseManifestError(f"The manifest lacks {' and '.join(missing)}.")
        manifest = cls(**values)
        if "content_hash" in document and document["content_hash"] != manifest.content_hash:
            raise ReleaseManifestError("content_hash does not fit the rest: the manifest was changed afterwards.")
        return manifest

    def to_json(self) -> bytes:
        document = {"kind": KIND, "version": VERSION, **asdict(self), "content_hash": self.content_hash}
        return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"

    @property
    def content_hash(self) -> str:
        return content_hash(asdict(self))

    def facts(self) -> dict[str, str]:
        """The hashes that are known, by name."""
        return {name: value for name in HASHES if (value := getattr(self, name))}


_SAID = {"str": "a text", "int": "a whole number", "bool": "true or false"}


def read_manifest(path: Path) -> ReleaseManifest:
    """Read a manifest, or the one in a folder; a training's is read as the release of what it trained.

    Raises `ReleaseManifestError` naming the file.
    """
    file = path / MANIFEST if path.is_dir() else path
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ReleaseManifestError("it is larger than a manifest can be.")
        data = file.read_bytes()
        return from_training(data, file.parent) if is_training(data) else ReleaseManifest.from_json(data)
    except OSError as error:
        raise ReleaseManifestError(f"{file}: {error.strerror}.") from error
    except ReleaseManifestError as error:
        raise ReleaseManifestError(f"{file}: {error}") from error


@cache
def find_shipped(name: str) -> ReleaseManifest | None:
    """The manifest of a model that comes with the project, by the name a request uses."""
    for file in sorted(SHIPPED.glob("*.json")):
        manifest = read_manifest(file)
        if manifest.name.lower() == name.lower():
            return manifest
    return None


def _check_inside(name: str, value: str) -> None:
    path = PurePosixPath(value)
    if value and (path.is_absolute() or ".." in path.parts or "\\" in value or value.startswith("-")):
        raise ReleaseManifestError(f"{name} must be a path inside the manifest's folder.")


def is_training(data: bytes) -> bool:
    """Whether `medaction train` wrote this manifest."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return isinstance(document, dict) and document.get("format") == TRAINING


def from_training(data: bytes, folder: Path) -> ReleaseManifest:
    """The release of what a training left in `folder`: an adapter on its base, or whole weights.

    Raises `ReleaseManifestError`.
    """
    document = orjson.loads(data)
    try:
        files: dict[str, str] = document["files"]
        settings, base = document["settings"], document["base"]
        lora = settings["method"] == "lora"
        # `train export` leaves the manifest beside the merged weights too.
        merged = lora and not (folder / ADAPTER).is_file() and any(folder.glob("model*.safetensors"))
        weights = {name: digest for name, digest in files.items() if name.endswith(".safetensors")}
        template = "chat_template.jinja" if "chat_template.jinja" in files else ""
        card = folder / "README.md"
        facts: dict[str, Any] = {
            "name": f"{PurePosixPath(base['name']).name}-{document['kind']}-{document['hash'][:8]}",
            "base": base["name"] if lora and not merged else ".",
            "base_hash": base["hash"] if lora else _hash_of(weights),
            "adapter": "." if lora and not merged else "",
            "adapter_hash": _hash_of(weights) if lora else "",
            "adapter_rank": settings["lora"]["rank"] if lora and not merged else 0,
            "chat_template": template,
            "chat_template_hash": document["chat_template"],
            "prompt_hash": document["prompt"],
            "trained_on": document["dataset"],
            "max_length": max(DEFAULT_LENGTH, settings["max_tokens"]),
            "card": card.read_text(encoding="utf-8") if card.is_file() else "",
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise ReleaseManifestError(f"it is no training's manifest: {error!r}.") from error
    if not weights:
        raise ReleaseManifestError("the training left no weights (*.safetensors).")
    return ReleaseManifest(**facts)


def _hash_of(weights: dict[str, str]) -> str:
    """One file's own SHA-256; of several, the hash of theirs by name."""
    return next(iter(weights.values())) if len(weights) == 1 else content_hash(weights)
