"""Lines of a text file, whatever the file turns out to be. Memory stays bounded by the longest line allowed."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAX_LINE_BYTES = 2 * 1024 * 1024
_SKIP_BYTES = 1024 * 1024
_GZIP = b"\x1f\x8b"
Stream = BinaryIO | gzip.GzipFile
_UTF8_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end, or the reason why there is none."""

    number: int
    text: str = ""
    problem: str = ""


def read_lines(path: Path, *, max_bytes: int = MAX_LINE_BYTES, keep_blank: bool = False) -> Iterator[Line]:
    """The lines of a UTF-8 file, gzipped or not; blank ones are left out. Never raises for what a file may hold.

    A file that cannot be read as text at all gives one last line with a ``problem``.
    """
    return read_pieces(path, lambda file: _split(file, max_bytes, keep_blank))


def read_pieces(path: Path, split: Callable[[Stream], Iterator[Line]]) -> Iterator[Line]:
    """What ``split`` makes of a file, gzipped or not. What goes wrong with the file is one last line."""
    number = 0
    try:
        if path.is_dir():
            yield Line(1, problem="is a folder, not a file")
            return
        with path.open("rb") as raw:
            gzipped = raw.read(2) == _GZIP
        with gzip.open(path, "rb") if gzipped else path.open("rb") as file:
            for line in split(file):
                number = line.number
                yield line
    except FileNotFoundError:
        yield Line(1, problem="the file does not exist")
    except PermissionError:
        yield Line(1, problem="the file may not be read")
    except (gzip.BadGzipFile, zlib.error, EOFError):
        yield Line(number + 1, problem="the gzip data is damaged or cut off")
    except (OSError, ValueError) as error:
        yield Line(number + 1, problem=f"the file cannot be read ({type(error).__name__})")


def refuse_wide(start: bytes) -> Line | None:
    """The line to give instead of a file that begins like UTF-16 or binary data."""
    if start.startswith(_WIDE_MARKS) or b"\x00" in start[:200]:
        return Line(1, problem="the file is not UTF-8 (it looks like UTF-16 or binary data); save it as UTF-8")
    return None


def _split(file: Stream, max_bytes: int, keep_blank: bool) -> Iterator[Line]:
    number = 0
    while raw := file.readline(max_bytes + 1):
        number += 1
        if number == 1:
            if wide := refuse_wide(raw):
                yield wide
                return
            raw = raw.removeprefix(_UTF8_MARK)
        if len(raw) > max_bytes and not raw.endswith(b"\n"):
            _skip_rest(file)
            yield Line(number, problem=f"is longer than {max_bytes:,} bytes; it was skipped")
            continue
        raw = raw.rstrip(b"\r\n")
        if not keep_blank and not raw.strip():
            continue
        try:
            yield Line(number, text=raw.decode("utf-8"))
        except UnicodeDecodeError as error:
            byte = raw[error.start]
            yield Line(number, problem=f"is not UTF-8 (byte 0x{byte:02X} at position {error.start + 1})")


def _skip_rest(file: Stream) -> None:
    while (piece := file.readline(_SKIP_BYTES)) and not piece.endswith(b"\n"):
        pass
