"""Text as lines, fragments and words. Positions are those of the whole text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..text import fold

_TOKEN = re.compile(r"[0-9](?:[0-9,]*[0-9])?(?:\.[0-9]+)?(?![A-Za-z0-9])|[A-Za-z0-9]+(?:['’]s\b)?|[^\sA-Za-z0-9]")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_FRAGMENT_END = re.compile(r"[;!?]|\.(?=\s|$)")
_LABEL = re.compile(r"\s*(?:[-•*]\s*)?([A-Za-z][^:\n.]{0,60}?)\s*:(?=\s|$)")
_GREEK_MU = str.maketrans({"µ": "μ"})


@dataclass(frozen=True, slots=True)
class Token:
    """``key`` is the folded word, or the mark itself: ``word`` tells which. ``capital``: one stands inside the word."""

    key: str
    start: int
    end: int
    word: bool
    number: float | None = None
    capital: bool = False


@dataclass(frozen=True, slots=True)
class Fragment:
    """A sentence, or a part of one up to a semicolon. ``labels``: what stood before colons, outermost first."""

    tokens: tuple[Token, ...]
    labels: tuple[str, ...]


def list_fragments(text: str) -> Iterator[Fragment]:
    position = 0
    for line in text.split("\n"):
        yield from _fragments_of(line, position)
        position += len(line) + 1


def _fragments_of(line: str, offset: int) -> Iterator[Fragment]:
    labels: list[str] = []
    start = 0
    while found := _LABEL.match(line, start):
        labels.append(fold(found[1]))
        start = found.end()
        if len(labels) == 3:
            break
    start = line.rfind(":", 0, start) if start else 0
    first = True
    begin = 0
    for end in [*(m.start() for m in _FRAGMENT_END.finditer(line, max(start, 0))), len(line)]:
        if tokens := tokenise(line[begin:end], offset + begin):
            yield Fragment(tokens, tuple(labels) if first else tuple(labels[:1]))
            first = False
        begin = end + 1


@lru_cache(maxsize=20_000)
def _token_key(text: str) -> str:
    return fold(text)


def tokenise(text: str, offset: int = 0) -> tuple[Token, ...]:
    tokens = []
    for found in _TOKEN.finditer(text):
        written = found[0]
        start, end = offset + found.start(), offset + found.end()
        first = written[0]
        if _NUMBER.fullmatch(plain := written.replace(",", "")):
            tokens.append(Token(plain, start, end, True, float(plain)))
        elif first.isascii() and first.isalnum():
            if key := _token_key(written):
                tokens.append(Token(key, start, end, True, None, written[1:] != written[1:].lower()))
        else:
            tokens.append(Token(written.translate(_GREEK_MU), start, end, False))
    return tuple(tokens)
