"""One JSON document, member by member: an array's elements, or an object's entries, each as JSON text of its own.

So that a file of many megabytes on one line is read in the memory of its largest member.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from medaction.formats.lines import MAX_LINE_BYTES, Line, Stream, read_pieces, refuse_wide

_CHUNK = 64 * 1024
_TOKEN = re.compile(r'["\\{}\[\],\n]')


def read_members(path: Path) -> Iterator[Line]:
    """Each element of an array, or each entry of an object as ``{"key": value}``; ``number`` is the line it begins on.

    Never raises for what a file may hold: a member that is too long, or a document cut off, is a line with a problem.
    """
    return read_pieces(path, _split)


def peek(path: Path) -> str:
    """The first characters of a file, however long its lines; empty when it cannot be read."""

    def first(file: Stream) -> Iterator[Line]:
        raw = file.read(4096).removeprefix(codecs.BOM_UTF8)
        yield Line(1, text=raw.decode("utf-8", errors="replace"))

    return next(read_pieces(path, first)).text


def _split(file: Stream) -> Iterator[Line]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    scanner = _Scanner()
    first = True
    while raw := file.read(_CHUNK):
        if first and (wide := refuse_wide(raw)):
            yield wide
            return
        first = False
        try:
            text = decoder.decode(raw)
        except UnicodeDecodeError as error:
            yield Line(scanner.line, problem=f"is not UTF-8 (byte 0x{error.object[error.start]:02X})")
            return
        yield from scanner.feed(text)
    yield from scanner.finish()


class _Scanner:
    """Finds the commas of the outermost level. It does not judge the JSON between them: the parser does."""

    def __init__(self) -> None:
        self.line = 1
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._opened = ""
        self._ended = False
        self._trailing = False
        self._start()

    def _start(self) -> None:
        self._kept: list[str] = []
        self._size = 0
        self._first_line = self.line

    def feed(self, text: str) -> Iterator[Line]:
        begin, skip = 0, 0 if self._escaped else -1
        self._escaped = False
        for found in _TOKEN.finditer(text):
            at, char = found.start(), found.group()
            if char == "\n":
                self.line += 1
            elif at == skip:
                continue
            elif self._in_string:
                if char == "\\":
                    skip = at + 1
                elif char == '"':
                    self._in_string = False
            elif char == '"':
                self._in_string = True
            elif char in "{[":
                self._depth += 1
                if self._depth == 1 and not self._opened:
                    self._opened = char
                    begin = at + 1
            elif self._ended:
                continue
            elif char in "}]":
                self._depth -= 1
                if self._depth == 0:
                    yield from self._emit(text[begin:at])
                    self._ended, begin = True, at + 1
            elif char == "," and self._depth == 1:
                yield from self._emit(text[begin:at])
                begin = at + 1
        self._escaped = skip == len(text)
        self._keep(text[begin:])

    def finish(self) -> Iterator[Line]:
        if not self._ended:
            yield Line(self.line, problem="the document is cut off" if self._opened else "the file is empty")
        elif self._trailing:
            yield Line(self.line, problem="there is text after the end of the document")

    def _keep(self, text: str) -> None:
        if self._ended:
            self._trailing = self._trailing or bool(text.strip())
            return
        self._size += len(text)
        if self._opened and self._size <= MAX_LINE_BYTES:
            self._kept.append(text)

    def _emit(self, rest: str) -> Iterator[Line]:
        self._keep(rest)
        text = "".join(self._kept)
        number = self._first_line + text[: len(text) - len(text.lstrip())].count("\n")
        if self._size > MAX_LINE_BYTES:
            yield Line(number, problem=f"is longer than {MAX_LINE_BYTES:,} bytes; it was skipped")
        elif text.strip():
            yield Line(number, text=f"{{{text}}}" if self._opened == "{" else text.strip())
        self._start()
