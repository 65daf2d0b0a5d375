"""Other ways to read a written name, each with what was set aside to get there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .model import Grade
from .text import fold
from .wording import COURSES, DOUBTS, EMPTY_WORDS, GENERIC, HEAD_ENDS, SEVERITIES, SHORT_WORDS, SIDES, TAILS

_BRACKETS = re.compile(r"\s*[(\[]([^)\]]*)[)\]]")
_HEAD_END = re.compile(r"\b(" + "|".join(sorted(map(re.escape, HEAD_ENDS), key=len, reverse=True)) + r")\b")
_SHORT = re.compile(r"\b(" + "|".join(sorted(map(re.escape, SHORT_WORDS), key=len, reverse=True)) + r")\b")
_STAGE = re.compile(r"\b(type|stage|grade|class|nyha|category|subtype) ?[0-9ivx]+[a-e]?\b")
_NEGATED = re.compile(r"\b(no|not|without|rule out|ruled out|denie|absent|unlikely|negative)\b")
_LONGEST = 10


@dataclass(frozen=True, slots=True)
class Variant:
    """A folded name to look up, how faithful it is, and what was set aside."""

    key: str
    grade: Grade
    note: str


def list_variants(text: str) -> Iterator[Variant]:
    """Readings that keep the meaning first, then those that leave out a qualifier which narrows it."""
    seen: set[str] = set()
    for variant in _readings(text):
        if variant.key and variant.key not in seen:
            seen.add(variant.key)
            yield variant


def _readings(text: str) -> Iterator[Variant]:
    plain = fold(text)
    yield Variant(plain, Grade.SAME, "")
    bare = _BRACKETS.sub("", text)
    if bare != text:
        yield Variant(fold(bare), Grade.SAME, "brackets set aside")
        for inside in _BRACKETS.findall(text):
            if len(inside) > 2:
                yield Variant(fold(inside), Grade.SAME, f"only the words in brackets, {inside!r}")
    for base, note in ((fold(bare), ""), (_inverted(bare), "comma order turned round")):
        if not base:
            continue
        if note:
            yield Variant(base, Grade.SAME, note)
        if (spelt := _SHORT.sub(lambda found: SHORT_WORDS[found[0]], base)) != base:
            yield Variant(spelt, Grade.SAME, _joined(note, "abbreviated words spelled out"))
        head, _, tail = spelt.rpartition(" ")
        if tail in TAILS and head and head not in GENERIC:
            yield Variant(head, Grade.SAME, _joined(note, f"{tail!r} set aside"))
        yield from _without_qualifiers(spelt, note)
        if tail in TAILS and head:
            yield from _without_qualifiers(head, _joined(note, f"{tail!r} set aside"))


def _without_qualifiers(key: str, note: str) -> Iterator[Variant]:
    words = key.split()
    kept, dropped = _split(words, SIDES | SEVERITIES | DOUBTS | EMPTY_WORDS)
    if dropped and kept:
        note = _joined(note, f"{_listed(dropped)} set aside")
        yield Variant(" ".join(kept), Grade.SAME, note)
    if dropped or _STAGE.search(key) or set(words) & COURSES:
        staged = " ".join(kept)
        stages = [found[0] for found in _STAGE.finditer(staged)]
        unstaged = " ".join(_STAGE.sub("", staged).split())
        if stages and unstaged:
            yield Variant(unstaged, Grade.BROADER, _joined(note, f"{_listed(stages)} set aside"))
        for word in unstaged.split():
            fewer = " ".join(other for other in unstaged.split() if other != word)
            if word in COURSES and fewer and fewer not in GENERIC:
                yield Variant(fewer, Grade.BROADER, _joined(note, f"{_listed([*stages, word])} set aside"))
        plain, courses = _split(unstaged.split(), COURSES)
        if courses and plain and " ".join(plain) not in GENERIC:
            yield Variant(" ".join(plain), Grade.BROADER, _joined(note, f"{_listed([*stages, *courses])} set aside"))


def list_heads(text: str) -> Iterator[Variant]:
    """What stands before "due to", "with", …: the thing itself without its cause or circumstance."""
    key = fold(_BRACKETS.sub("", text))
    for found in _HEAD_END.finditer(key):
        head, rest = key[: found.start()].strip(), key[found.start() :]
        if head and not _NEGATED.search(head):
            for variant in _readings(head):
                yield Variant(variant.key, Grade.BROADER, _joined(variant.note, f"{rest!r} set aside"))
        break


def list_mentions(text: str) -> Iterator[Variant]:
    """The longest runs of words that hold the head word: the one before "of", else the last. None in a negated text.

    A run without the head ("chronic kidney disease" in "anaemia of chronic kidney disease") means something else.
    """
    key = fold(_BRACKETS.sub("", text))
    if _NEGATED.search(key):
        return
    found = _HEAD_END.search(key)
    words = (key[: found.start()] if found else key).split()[:_LONGEST]
    head = words.index("of") - 1 if "of" in words else len(words) - 1
    for size in range(len(words) - 1, 0, -1):
        for start in range(max(0, head - size + 1), min(head, len(words) - size) + 1):
            run = " ".join(words[start : start + size])
            if size > 1 or (len(run) >= 5 and run not in GENERIC):
                rest = " ".join([*words[:start], "…", *words[start + size :]])
                yield Variant(run, Grade.BROADER, f"contained in {rest!r}")


def _inverted(text: str) -> str:
    """``Pneumonia, bacterial`` → ``bacterial pneumonia``; empty when there is not exactly one comma."""
    parts = [fold(part) for part in text.split(",")]
    return f"{parts[1]} {parts[0]}" if len(parts) == 2 and all(parts) else ""


def _split(words: list[str], aside: frozenset[str]) -> tuple[list[str], list[str]]:
    return [word for word in words if word not in aside], [word for word in words if word in aside]


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _listed(words: list[str]) -> str:
    return ", ".join(repr(word) for word in words)
