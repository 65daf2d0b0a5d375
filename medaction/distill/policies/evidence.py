"""What has been shown, as findings with the ids of the passages that say so."""

from collections.abc import Iterator
from dataclasses import dataclass

from medaction.domain.case import Polarity
from medaction.domain.observation import Observation, Outcome
from medaction.knowledge import Kind, KnowledgeGraph
from medaction.knowledge.compiling.edges import ASPECTS
from medaction.knowledge.extraction import (
    Extraction,
    Extractor,
    Method,
    Patient,
    read_birth,
    read_durations,
    read_patient,
)

from .policy import View

# How far a finding counts by the way it was read, and when it belongs to earlier years: estimates.
_TRUST = {
    Method.PHRASE: 1.0,
    Method.WORDS: 0.85,
    Method.LOOSE: 0.5,
    Method.VALUE: 1.0,
    Method.LEVEL: 1.0,
    Method.NORMAL: 0.8,
}
PAST_TRUST = 0.35
INFANCY = 2.0
"""Below this age (years) the week of birth is the patient's own."""
_LOOSE = frozenset({Method.LEVEL, Method.WORDS, Method.LOOSE})


@dataclass(frozen=True, slots=True)
class Fact:
    """A finding or a named disease (``number``: its place in the graph), with the first passage that tells it.

    ``result``: told by a test rather than by the story. ``weight`` in 0 … 1: how far it counts; ``method``: how read.
    """

    number: int
    present: bool
    cited: str
    weight: float
    result: bool
    past: bool
    method: Method = Method.PHRASE

    def gives_way_to(self, other: "Fact") -> bool:
        """Presence beats absence and a surer reading a less sure one, but a number beats a loose word of a result."""
        if self.present and not other.present:
            return self.result and other.result and self.method in _LOOSE and other.method is Method.VALUE
        if other.present and not self.present and other.result and self.result:
            return not (other.method in _LOOSE and self.method is Method.VALUE)
        return (other.present, other.weight) > (self.present, self.weight)


@dataclass(frozen=True, slots=True)
class Evidence:
    """``findings`` and ``diseases`` by concept number. What was told once stays told; a denial gives way to it.

    ``durations``: days that the complaint, or parts of it, have lasted.
    """

    patient: Patient
    findings: dict[int, Fact]
    diseases: dict[int, Fact]
    durations: tuple[float, ...] = ()


class EvidenceReader:
    """Reads a view; passages that were read before cost nothing."""

    def __init__(self, graph: KnowledgeGraph, extractor: Extractor) -> None:
        self._graph = graph
        self._extractor = extractor
        column = graph.arrays
        self._risks = frozenset(column["edge_finding"][column["edge_aspect"] == ASPECTS.index("H")].tolist())
        born_early = graph.concept("Prematurity", Kind.FINDING)
        self._prematurity = born_early.concept.index if born_early else None
        self._numbers: dict[str, tuple[int, bool]] = {}

    def read(self, view: View) -> Evidence:
        opening = " ".join(segment.text for segment in view.first.segments)
        story = "".join(segment.text for segment in view.first.segments)
        patient = read_patient(opening[:600])
        findings: dict[int, Fact] = {}
        diseases: dict[int, Fact] = {}
        for observation in view.observations:
            for identifier, result, found in self._passages(observation, patient):
                self._add(found, identifier, result, findings, diseases)
        self._add_birth(view, patient, findings)
        return Evidence(patient, findings, diseases, read_durations(story))

    def _add_birth(self, view: View, patient: Patient, findings: dict[int, Fact]) -> None:
        if self._prematurity is None or patient.age is None or patient.age > INFANCY:
            return
        for segment in view.first.segments:
            if (early := read_birth(segment.text)) is not None:
                findings[self._prematurity] = Fact(self._prematurity, early, segment.id, 1.0, False, False)
                return

    def _passages(
        self, observation: Observation, patient: Patient
    ) -> Iterator[tuple[str, bool, tuple[Extraction, ...]]]:
        for segment in observation.segments:
            yield segment.id, False, self._extractor.extract(segment.text, patient=patient)
        for result in observation.results:
            if result.outcome is Outcome.RESULT:
                yield result.id, True, self._extractor.extract(result.text, patient=patient, name=result.name)

    def _add(
        self,
        found: tuple[Extraction, ...],
        identifier: str,
        result: bool,
        findings: dict[int, Fact],
        diseases: dict[int, Fact],
    ) -> None:
        for one in found:
            number, is_disease = self._number(one.concept)
            present = one.polarity is not Polarity.ABSENT
            # A risk factor is of the past by its nature, and counts in full.
            weight = _TRUST[one.method] * (PAST_TRUST if one.past and number not in self._risks else 1.0)
            fact = Fact(number, present, identifier, weight, result, one.past, one.method)
            into = diseases if is_disease else findings
            known = into.get(number)
            if known is None or known.gives_way_to(fact):
                into[number] = fact

    def _number(self, concept: str) -> tuple[int, bool]:
        known = self._numbers.get(concept)
        if known is None:
            got = self._graph.get(concept)
            known = self._numbers[concept] = (got.index, got.kind == "disease")
        return known
