"""One file of named numpy arrays behind a JSON header, read through a memory map so that nothing is copied."""

import mmap
import struct
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

MAGIC = b"MEDACTKG"
_ALIGN = 64

Array = npt.NDArray[Any]


class StoreError(ValueError):
    """The file is not a whole graph file."""


def write_store(path: Path, meta: dict[str, Any], arrays: dict[str, Array]) -> str:
    """Write atomically and return the content hash: SHA-256 over every array's name, type, shape and bytes."""
    table: dict[str, Any] = {}
    digest = sha256()
    offset = 0
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        arrays[name] = array
        table[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "offset": offset}
        offset += -(-array.nbytes // _ALIGN) * _ALIGN
        digest.update(orjson.dumps([name, array.dtype.str, list(array.shape)]))
        digest.update(array.data)
    content_hash = digest.hexdigest()
    header = orjson.dumps(
        {**meta, "hash": content_hash, "arrays": table, "payload": offset}, option=orjson.OPT_SORT_KEYS
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(MAGIC + struct.pack("<Q", len(header)) + header)
            file.write(b"\0" * (-file.tell() % _ALIGN))
            for name in sorted(arrays):
                file.write(arrays[name].data)
                file.write(b"\0" * (-arrays[name].nbytes % _ALIGN))
            file.flush()
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return content_hash


def read_store(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """The header and read-only views into the mapped file. Raises :class:`StoreError` for a cut or foreign file."""
    with path.open("rb") as file:
        start = file.read(len(MAGIC) + 8)
        if len(start) < len(MAGIC) + 8 or not start.startswith(MAGIC):
            raise StoreError(f"{path.name} is not a graph file")
        length = struct.unpack("<Q", start[len(MAGIC) :])[0]
        raw = file.read(length)
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        header: dict[str, Any] = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise StoreError(f"{path.name} has a broken header") from error
    base = -(-(len(start) + length) // _ALIGN) * _ALIGN
    if len(mapped) < base + header["payload"]:
        raise StoreError(f"{path.name} is cut short")
    arrays = {}
    for name, entry in header.pop("arrays").items():
        dtype = np.dtype(entry["dtype"])
        count = int(np.prod(entry["shape"], dtype=np.int64))
        view = np.frombuffer(mapped, dtype=dtype, count=count, offset=base + entry["offset"])
        arrays[name] = view.reshape(entry["shape"])
    return header, arrays


def content_hash_of(arrays: dict[str, Array]) -> str:
    """What :func:`write_store` would return for these arrays; for verifying a file."""
    digest = sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(orjson.dumps([name, array.dtype.str, list(array.shape)]))
        digest.update(array.data)
    return digest.hexdigest()


def pack_strings(strings: list[str]) -> tuple[Array, Array]:
    """UTF-8 bytes end to end, and n+1 offsets into them."""
    raw = [text.encode() for text in strings]
    offsets = np.zeros(len(raw) + 1, np.uint32)
    np.cumsum([len(text) for text in raw], out=offsets[1:], dtype=np.uint32)
    return np.frombuffer(b"".join(raw), np.uint8), offsets


class Strings:
    """A packed list of strings, decoded one at a time."""

    def __init__(self, blob: Array, offsets: Array) -> None:
        self._blob = blob
        self._offsets = offsets

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, index: int) -> str:
        return bytes(self._blob[self._offsets[index] : self._offsets[index + 1]]).decode()


class Rows:
    """Compressed sparse rows: row i holds ``values[starts[i]:starts[i+1]]``."""

    def __init__(self, starts: Array, values: Array) -> None:
        self.starts = starts
        self.values = values

    def __getitem__(self, index: int) -> Array:
        return self.values[self.starts[index] : self.starts[index + 1]]


def pack_rows(count: int, rows: Array, values: Array) -> tuple[Array, Array]:
    """(starts, values) from parallel arrays of row number and value; values ascend within a row."""
    order = np.lexsort((values, rows))
    starts = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=count), out=starts[1:])
    return starts, values[order].astype(np.int32)
