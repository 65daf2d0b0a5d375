"""The outline of a GGUF file: where its metadata ends and where each tensor lies. Little-endian version 3.

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod

ALIGNMENT = 32
F32, Q4_1, Q8_0 = 0, 3, 8
BLOCK_VALUES = 32
BYTES_PER_BLOCK = {F32: 4 * BLOCK_VALUES, Q4_1: 20, Q8_0: 34}

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9


class GGUFError(ValueError):
    """The file is not GGUF, or of a kind that is not read here."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """`kind` is the ggml type; `offset` counts bytes from the start of the tensor data."""

    name: bytes
    shape: tuple[int, ...]
    kind: int
    offset: int

    @property
    def size(self) -> int:
        """Bytes of the tensor."""
        return prod(self.shape) // BLOCK_VALUES * BYTES_PER_BLOCK[self.kind]


@dataclass(frozen=True, slots=True)
class Outline:
    """Positions in bytes. `file_type_at` is where `general.file_type`, a 32-bit number, stands."""

    metadata_end: int
    data_start: int
    file_type_at: int
    tensors: tuple[Tensor, ...]


def aligned(position: int) -> int:
    return -(-position // ALIGNMENT) * ALIGNMENT


class _Cursor:
    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def read(self, layout: str) -> tuple[int, ...]:
        values: tuple[int, ...] = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def number(self, layout: str) -> int:
        return self.read(layout)[0]

    def string(self) -> bytes:
        length = self.number("Q")
        self.at += length
        return bytes(self.data[self.at - length : self.at])

    def skip_value(self, kind: int) -> None:
        if kind == _STRING:
            self.string()
        elif kind == _ARRAY:
            element, count = self.number("I"), self.number("Q")
            if element in _SCALARS:
                self.at += count * struct.calcsize("<" + _SCALARS[element])
            else:
                for _ in range(count):
                    self.skip_value(element)
        elif kind in _SCALARS:
            self.number(_SCALARS[kind])
        else:
            raise GGUFError(f"unknown value type {kind}")


def read_outline(data: memoryview) -> Outline:
    """Read the outline. Raises `GGUFError`."""
    cursor = _Cursor(data)
    if bytes(data[:4]) != b"GGUF":
        raise GGUFError("not a GGUF file")
    try:
        cursor.at = 4
        if (version := cursor.number("I")) != 3:
            raise GGUFError(f"GGUF version {version} is not read here")
        tensor_count, pair_count = cursor.read("QQ")
        file_type_at = 0
        for _ in range(pair_count):
            key, kind = cursor.string(), cursor.number("I")
            if key == b"general.file_type":
                file_type_at = cursor.at
            cursor.skip_value(kind)
        metadata_end = cursor.at
        tensors = tuple(_read_tensor(cursor) for _ in range(tensor_count))
    except struct.error as error:
        raise GGUFError("the file is cut short") from error
    return Outline(metadata_end, aligned(cursor.at), file_type_at, tensors)


def read_text(data: memoryview, key: str) -> str | None:
    """Return a text of the metadata, such as `tokenizer.chat_template`; None when there is none. Raises `GGUFError`."""
    cursor = _Cursor(data)
    if bytes(data[:4]) != b"GGUF":
        raise GGUFError("not a GGUF file")
    try:
        cursor.at = 16
        for _ in range(cursor.number("Q")):
            name, kind = cursor.string(), cursor.number("I")
            if name == key.encode() and kind == _STRING:
                return cursor.string().decode("utf-8", "replace")
            cursor.skip_value(kind)
    except struct.error as error:
        raise GGUFError("the file is cut short") from error
    return None


def _read_tensor(cursor: _Cursor) -> Tensor:
    name = cursor.string()
    shape = cursor.read(f"{cursor.number('I')}Q")
    kind, offset = cursor.read("IQ")
    if kind not in BYTES_PER_BLOCK or prod(shape) % BLOCK_VALUES:
        raise GGUFError(f"tensor {name.decode()} has type {kind}, which is not read here")
    return Tensor(name, shape, kind, offset)
