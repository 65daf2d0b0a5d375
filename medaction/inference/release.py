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
MANIFEST = "manifest.json"
MAX_BYTES = 4 << 20
SHIPPED = Path(__file__).parent / "releases"
STRUCTURED_OUTPUTS = ("auto", "xgrammar", "guidance", "outlines", "lm-format-enforcer")
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
    max_length: int = 8192
    tensor_parallel: int = 1
    prefix_caching: bool = True
    structured_outputs: str = "auto"
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
    """Read a manifest, or the one in a folder. Raises `ReleaseManifestError` naming the file."""
    file = path / MANIFEST if path.is_dir() else path
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ReleaseManifestError("it is larger than a manifest can be.")
        return ReleaseManifest.from_json(file.read_bytes())
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


def as_document(manifest: ReleaseManifest) -> dict[str, Any]:
    """The manifest as `--json` prints it."""
    document: dict[str, Any] = orjson.loads(manifest.to_json())
    return document
