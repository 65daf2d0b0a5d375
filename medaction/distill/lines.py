"""A file of JSON lines that only grows. A line is whole or it is not there, whenever its writer was killed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

_SYNC_EVERY = 64
_BLOCK = 1 << 16


class LinesError(ValueError):
    """A file that holds something else than JSON lines; the message names file and line."""


class LineWriter:
    """Opens for appending, first cutting off a last line that was not finished (``cut``: its bytes)."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        size = os.fstat(self._file).st_size
        self._end = _whole_end(self._file, size)
        self.cut = size - self._end
        if self.cut:
            os.ftruncate(self._file, self._end)
        self._unsynced = 0

    def append(self, line: bytes) -> None:
        """Add one JSON document. Raises ``OSError`` (a full disk), and then leaves the file as it was."""
        line += b"\n"
        written = 0
        try:
            while written < len(line):
                written += os.pwrite(self._file, line[written:], self._end + written)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._end += len(line)
        self._unsynced += 1
        if self._unsynced >= _SYNC_EVERY:
            self.sync()

    def sync(self) -> None:
        """What was appended survives a loss of power."""
        os.fsync(self._file)
        self._unsynced = 0

    def close(self) -> None:
        try:
            self.sync()
        finally:
            os.close(self._file)

    def __enter__(self) -> "LineWriter":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _whole_end(file: int, size: int) -> int:
    """Where the last line ends that is whole and is JSON: a crash may leave half a line, or one of zeros."""
    end = size
    while end:
        start = _after_last_newline(file, end - 1)
        line = os.pread(file, end - start, start)
        if line.endswith(b"\n") and _is_json(line):
            break
        end = start
    return end


def _after_last_newline(file: int, end: int) -> int:
    """Where the line begins that goes on at ``end``."""
    while end > 0:
        start = max(end - _BLOCK, 0)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def read_lines(path: Path) -> Iterator[bytes]:
    """Every whole line, unread. A last line without its end is left out (see :func:`unfinished`)."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield line


def read_json_lines(path: Path) -> Iterator[Any]:
    """Every record; nothing where there is no file. A last line without its end is left out (see :func:`unfinished`).

    Raises :class:`LinesError` for any other line that is not JSON.
    """
    for number, line in enumerate(read_lines(path), start=1):
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise LinesError(f"{path.name}, line {number}: is not JSON ({error.msg})") from error


def unfinished(path: Path) -> int:
    """Bytes of a last line that a killed writer did not finish."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        return size - _after_last_newline(file.fileno(), size)
