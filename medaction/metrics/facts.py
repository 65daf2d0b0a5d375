"""What a passage says, as findings of the graph."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from medaction.domain.case import Finding, MenuItem, Polarity
from medaction.domain.observation import Observation, Outcome, TestResult
from medaction.knowledge import Grade, Kind, KnowledgeGraph
from medaction.knowledge.compiling.edges import ASPECTS
from medaction.knowledge.extraction import Extraction, ExtractionPort, Patient
from medaction.knowledge.graph import UnknownConceptError

_LEVELS = {Polarity.HIGH: "high", Polarity.LOW: "low"}


class Fact(NamedTuple):
    """A finding, or a disease that a passage names, is there or is not. ``number``: its place in the graph."""

    number: int
    present: bool
    is_disease: bool = False


Facts = tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """``story``: the case text rather than a result."""

    id: str
    facts: Facts
    story: bool


class FactReader:
    """Structured findings of the menu where a case has them, and what can be read in the text beside them."""

    def __init__(self, graph: KnowledgeGraph, extractor: ExtractionPort) -> None:
        self._graph = graph
        self._extractor = extractor
        column = graph.arrays
        self._risks = frozenset(column["edge_finding"][column["edge_aspect"] == ASPECTS.index("H")].tolist())
        self._concept = lru_cache(maxsize=50_000)(self._number)
        self.structured = lru_cache(maxsize=50_000)(self._structured)
        self._text = lru_cache(maxsize=50_000)(self._read_text)

    def read(self, observation: Observation, menu: Mapping[str, MenuItem], patient: Patient) -> Iterator[Passage]:
        """Passages that tell something new: the story's segments, and results. A refusal or a repeat is none."""
        for segment in observation.segments:
            yield Passage(segment.id, self._text(segment.text, "", patient), True)
        for result in observation.results:
            if result.outcome is Outcome.RESULT:
                yield Passage(result.id, self._read_result(result, menu, patient), False)

    def _read_result(self, result: TestResult, menu: Mapping[str, MenuItem], patient: Patient) -> Facts:
        """A menu's findings count only where the result is the menu's own text."""
        told = [
            item for key in result.keys or (result.key or "",) if (item := menu.get(key)) and item.result in result.text
        ]
        structured = [fact for item in told for finding in item.findings for fact in self.structured(finding)]
        return tuple(dict.fromkeys((*structured, *self._text(result.text, result.name, patient))))

    def read_item(self, item: MenuItem, patient: Patient) -> Facts:
        """What a menu item would tell."""
        structured = [fact for finding in item.findings for fact in self.structured(finding)]
        return tuple(dict.fromkeys((*structured, *self._text(item.result, item.name, patient))))

    def _read_text(self, text: str, name: str, patient: Patient) -> Facts:
        facts = (self._fact(one) for one in self._extractor.extract(text, patient=patient, name=name))
        return tuple(dict.fromkeys(fact for fact in facts if fact))

    def _fact(self, one: Extraction) -> Fact | None:
        """None for what belongs to earlier years, unless it is a risk factor, which is of the past by its nature."""
        number, is_disease = self._concept(one.concept)
        if one.past and number not in self._risks:
            return None
        return Fact(number, one.polarity is not Polarity.ABSENT, is_disease)

    def _number(self, identifier: str) -> tuple[int, bool]:
        concept = self._graph.get(identifier)
        return concept.index, concept.kind is Kind.DISEASE

    def _structured(self, finding: Finding) -> Facts:
        """One fact, or none when the graph does not know it. A broader finding cannot stand for an absent one."""
        try:
            return (Fact(self._number(finding.concept)[0], finding.polarity is not Polarity.ABSENT),)
        except UnknownConceptError:
            level = _LEVELS.get(finding.polarity)
        for name in (f"{level} {finding.concept}", finding.concept) if level else (finding.concept,):
            link = self._graph.concept(name, Kind.FINDING)
            if link and (link.grade is Grade.SAME or finding.polarity is not Polarity.ABSENT):
                return (Fact(link.concept.index, finding.polarity is not Polarity.ABSENT),)
        return ()
