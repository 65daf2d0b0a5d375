"""A port for other ways to extract, such as a chat model; what comes through it is held to the graph and the text."""

from collections.abc import Iterable
from typing import Protocol

from ..graph import KnowledgeGraph, UnknownConceptError
from ..model import Kind
from .model import Extraction
from .patient import Patient


class ExtractionPort(Protocol):
    """Anything that reads findings out of a text."""

    def extract(self, text: str, *, patient: Patient = ..., name: str = "") -> tuple[Extraction, ...]:
        """``name`` is the test whose result the text is. Spans are positions in ``text``."""
        ...


def validate_findings(graph: KnowledgeGraph, text: str, found: Iterable[Extraction]) -> tuple[Extraction, ...]:
    """Those that name a finding or disease of the graph and a passage of the text; current ids in place of old ones."""
    valid = []
    for one in found:
        try:
            concept = graph.get(one.concept)
        except UnknownConceptError:
            continue
        inside = 0 <= one.start < one.end <= len(text)
        if inside and concept.kind in (Kind.FINDING, Kind.DISEASE):
            valid.append(Extraction(one.start, one.end, concept.id, one.polarity, one.method, one.past))
    return tuple(sorted(valid))
