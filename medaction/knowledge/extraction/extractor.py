"""The findings of a text."""

from collections.abc import Iterator
from functools import lru_cache

from medaction.domain.case import Polarity

from ..graph import KnowledgeGraph
from ..model import Kind
from ..text import fold
from .assertion import Assertion, read_assertion
from .book import Book
from .cues import load_cues
from .loose import LooseNames
from .matching import Match, find_matches, longest_at, runs_of
from .model import Extraction, Method
from .patient import Patient
from .postures import read_drop
from .tokens import Fragment, list_fragments
from .values import Reading, read_values

_NOBODY = Patient()
_PRESENT = {"high": Polarity.HIGH, "low": Polarity.LOW, "positive": Polarity.PRESENT}


class Extractor:
    """Reads any text; never raises for one. Answers are remembered, so the same passage costs nothing twice."""

    def __init__(self, graph: KnowledgeGraph, *, loose: bool = False) -> None:
        """``loose``: also findings told in other words than their name's, as :attr:`Method.LOOSE`."""
        self.book = Book(graph)
        postural = graph.concept("Postural drop in blood pressure", Kind.FINDING)
        self._postural = postural.concept.id if postural else None
        self._loose = LooseNames(graph, self.book) if loose else None
        self.extract_cached = lru_cache(maxsize=20_000)(self._extract)

    def extract(self, text: str, *, patient: Patient = _NOBODY, name: str = "") -> tuple[Extraction, ...]:
        """Findings and authored diseases in the order of the text, each concept once for a place.

        ``name`` is the test whose result the text is: a line without a label is read as "name: line".
        """
        return self.extract_cached(text, patient, name)

    def _extract(self, text: str, patient: Patient, name: str) -> tuple[Extraction, ...]:
        prefix = f"{name}: " if name and not _labelled(text) else ""
        whole = prefix + text
        found: dict[tuple[str, int], Extraction] = {}
        for fragment in list_fragments(whole):
            for one in self._of_fragment(fragment, whole, patient, fold(name)):
                start, end = max(0, one.start - len(prefix)), one.end - len(prefix)
                if end <= 0:
                    continue
                moved = Extraction(start, end, one.concept, one.polarity, one.method, one.past)
                found.setdefault((one.concept, start), moved)
        if self._postural and (drop := read_drop(text)):
            polarity = Polarity.PRESENT if drop.present else Polarity.ABSENT
            told = Extraction(drop.start, drop.end, self._postural, polarity, Method.VALUE)
            found.setdefault((told.concept, told.start), told)
        return tuple(sorted(found.values()))

    def _of_fragment(self, fragment: Fragment, text: str, patient: Patient, name: str) -> Iterator[Extraction]:
        matches = [match for match in find_matches(self.book, fragment.tokens) if match.last >= heading_size(fragment)]
        readings = list(read_values(self.book, fragment, text, patient, name))
        assertion = read_assertion(fragment, matches)
        measured = {position for reading in readings for position in range(reading.first, reading.last + 1)}
        for match in matches:
            if measured.isdisjoint(range(match.first, match.last + 1)) or match.used > 1:
                yield from _of_match(fragment, match, assertion)
        named = {position for match in matches if match.used > 1 for position in range(match.first, match.last + 1)}
        for reading in readings:
            if named.isdisjoint(range(reading.first, reading.last + 1)):
                yield from _of_reading(fragment, reading, assertion)
        yield from self._of_normals(fragment)
        if self._loose is not None:
            told = {concept for match in matches for concept in match.named.concepts}
            for one in self._loose.find(fragment, assertion, heading_size(fragment)):
                if one.finding not in told:
                    polarity = Polarity.ABSENT if one.denied else Polarity.PRESENT
                    start, end = fragment.tokens[one.first].start, fragment.tokens[one.last].end
                    yield Extraction(start, end, one.finding, polarity, Method.LOOSE, one.first in assertion.past)

    def _of_normals(self, fragment: Fragment) -> Iterator[Extraction]:
        tokens = fragment.tokens
        for run in runs_of(tokens):
            keys = [tokens[position].key for position in run]
            for i in range(len(keys)):
                if size := longest_at(self.book.normal_lengths, self.book.normals, keys, i):
                    start, end = tokens[run[i]].start, tokens[run[i + size - 1]].end
                    for concept in self.book.normals[" ".join(keys[i : i + size])]:
                        yield Extraction(start, end, concept, Polarity.ABSENT, Method.NORMAL)


def heading_size(fragment: Fragment) -> int:
    """How many tokens at the start only say which part of the story this is ("Past medical history:")."""
    if not fragment.labels or fragment.labels[0] not in load_cues().section_labels:
        return 0
    return next((position for position, token in enumerate(fragment.tokens) if token.key == ":"), 0)


def _labelled(text: str) -> bool:
    first = next(list_fragments(text), None)
    return first is not None and bool(first.labels)


def _of_match(fragment: Fragment, match: Match, assertion: Assertion) -> Iterator[Extraction]:
    if match.last in assertion.unasserted:
        return
    denied = match.last in assertion.denied and match.first in assertion.denied
    polarity = Polarity.ABSENT if denied else Polarity.PRESENT
    start, end = fragment.tokens[match.first].start, fragment.tokens[match.last].end
    past = match.first in assertion.past and not denied
    for concept in match.named.concepts:
        yield Extraction(start, end, concept, polarity, match.method, past)


def _of_reading(fragment: Fragment, reading: Reading, assertion: Assertion) -> Iterator[Extraction]:
    if reading.last in assertion.unasserted:
        return
    level = reading.level
    denied = reading.first in assertion.denied and level in _PRESENT and reading.method is Method.LEVEL
    start, end = fragment.tokens[reading.first].start, fragment.tokens[reading.last].end
    findings = reading.measure.findings
    if denied:
        if concept := findings.get(level):
            yield Extraction(start, end, concept, Polarity.ABSENT, reading.method)
        return
    if level == "positive" and level not in findings:
        # "Reflexes present" is how they should be; "troponin positive" is too much of it.
        level = "normal" if "low" in findings else "high"
    shown = findings.get(level)
    if shown is not None:
        yield Extraction(start, end, shown, _PRESENT.get(level, Polarity.PRESENT), reading.method)
    for other, concept in findings.items():
        if other not in (level, "normal") and concept != shown and (level != "positive" or other == "low"):
            yield Extraction(start, end, concept, Polarity.ABSENT, reading.method)
