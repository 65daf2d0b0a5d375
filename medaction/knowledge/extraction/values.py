"""Measured things in a fragment, each with the level that a number or a word gives it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .book import Book, Measure
from .cues import load_cues
from .matching import longest_at
from .model import Method
from .patient import Patient
from .ranges import printed_range, usual_level
from .tokens import Fragment, Token

# What a specimen other than blood is called, by words in the name of the test or in a label.
_SPECIMENS = {
    **dict.fromkeys(("urine", "urinalysis", "urinary", "dipstick"), "urine"),
    **dict.fromkeys(("csf", "cerebrospinal", "lumbar"), "csf"),
    **dict.fromkeys(("synovial", "arthrocentesis", "joint"), "synovial"),
    **dict.fromkeys(("pleural", "thoracentesis", "ascitic", "paracentesis", "stool", "sputum", "amniotic"), "other"),
}
_REACH_BEFORE, _REACH_AFTER = 3, 5
_BREAKS = frozenset({",", ";", "and", "but", "with"})


@dataclass(frozen=True, slots=True)
class Reading:
    """``level`` is ``high``, ``low``, ``normal``, ``positive`` or ``negative``; first and last are token positions."""

    first: int
    last: int
    measure: Measure
    level: str
    method: Method


def read_values(book: Book, fragment: Fragment, text: str, patient: Patient, name: str) -> Iterator[Reading]:
    """``name``: the folded name of the test whose result this is, for its specimen."""
    tokens = fragment.tokens
    words = [position for position, token in enumerate(tokens) if token.word]
    keys = [tokens[position].key for position in words]
    specimen = _specimen(f"{name} {' '.join(fragment.labels)}".split())
    i = 0
    while i < len(keys):
        size = longest_at(book.measure_lengths, book.measures, keys, i)
        joined = " ".join(keys[i : i + size])
        if size and (tokens[words[i + size - 1]].end - tokens[words[i]].start > 60 or _is_unit(tokens, words[i])):
            size = 0
        measure = book.measures.get(joined) if size else None
        if specimen and not joined.startswith(specimen):
            longer = next(
                (
                    n
                    for n in range(min(4, len(keys) - i), 0, -1)
                    if f"{specimen} {' '.join(keys[i : i + n])}" in book.measures
                ),
                0,
            )
            measure = book.measures[f"{specimen} {' '.join(keys[i : i + longer])}"] if longer else None
            size = longer
        if measure is not None and size:
            first, last = words[i], words[i + size - 1]
            if reading := _read_one(book, tokens, text, patient, first, last, measure):
                yield reading
        i += max(size, 1)


def _is_unit(tokens: Sequence[Token], position: int) -> bool:
    """Whether a word stands between a number and a stroke: the K of "18 K/µL" is no potassium."""
    before, after = tokens[max(position - 1, 0)], tokens[position + 1 : position + 2]
    return before.number is not None and bool(after) and after[0].key == "/"


def _specimen(words: Sequence[str]) -> str:
    return next((_SPECIMENS[word] for word in words if word in _SPECIMENS), "")


def _read_one(
    book: Book, tokens: Sequence[Token], text: str, patient: Patient, first: int, last: int, measure: Measure
) -> Reading | None:
    """A number after the name first, then a word after it, then a word before it."""
    for position in range(last + 1, min(last + 1 + _REACH_AFTER, len(tokens))):
        token = tokens[position]
        if token.key in _BREAKS or (token.word and _starts_measure(book, tokens, position)):
            break
        if token.number is not None:
            level = _level_of(tokens, text, patient, position, measure)
            return Reading(first, position, measure, level, Method.VALUE) if level else None
    for position in range(last + 1, min(last + 1 + _REACH_AFTER, len(tokens))):
        if tokens[position].key in _BREAKS:
            break
        if found := _word_level(tokens, position):
            return Reading(first, position + found[1] - 1, measure, found[0], Method.LEVEL)
        if tokens[position].word and _starts_measure(book, tokens, position):
            break
    for position in range(first - 1, max(first - 1 - _REACH_BEFORE, -1), -1):
        if tokens[position].key in {",", ";", ":", "but", "with"}:
            break
        if (found := _word_level(tokens, position)) and found[0] != "positive":
            return Reading(position, last, measure, found[0], Method.LEVEL)
        if tokens[position].key == "positive":
            return Reading(position, last, measure, "positive", Method.LEVEL)
    return None


def _starts_measure(book: Book, tokens: Sequence[Token], position: int) -> bool:
    return tokens[position].key in book.measures and len(tokens[position].key) > 1


def _word_level(tokens: Sequence[Token], position: int) -> tuple[str, int] | None:
    keys = [token.key for token in tokens[position : position + 4]]
    best: tuple[str, int] | None = None
    for level, runs in load_cues().levels.items():
        size = runs.at(keys, 0)
        if size and (best is None or size > best[1]):
            best = (level, size)
    return best


def _level_of(tokens: Sequence[Token], text: str, patient: Patient, position: int, measure: Measure) -> str | None:
    """The level of the number at ``position``: against a printed range, a printed flag, or the usual range."""
    number = tokens[position].number
    if number is None:
        return None
    ends = next((token.start for token in tokens[position + 1 :] if token.key == ","), None)
    after = text[tokens[position].end : min(tokens[-1].end, (ends or len(text)))][:90].split("\n")[0]
    printed = printed_range(after)
    if printed and (printed.low is None or printed.high is None or printed.low <= printed.high):
        return printed.level(number)
    opening = after.find("(")
    if opening >= 0:
        for word in after[opening + 1 : after.find(")", opening)].lower().replace(",", " ").split():
            flag = _FLAGS.get(word)
            if flag:
                return flag
    written = _DIASTOLIC.sub("", after)
    return usual_level(measure.quantities, measure.bare, number, written, patient, measure.most)


_DIASTOLIC = re.compile(r"^\s*/\s*\d{2,5}(?!\d)")
_FLAGS = {
    **dict.fromkeys(("high", "elevated", "raised", "increased", "h", "prolonged"), "high"),
    **dict.fromkeys(("low", "decreased", "reduced", "l"), "low"),
    "normal": "normal",
}
