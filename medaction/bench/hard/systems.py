"""To which body system and which disease a case belongs, so that none of them fills a benchmark."""

from collections import Counter
from functools import cached_property

from medaction.domain.case import Case
from medaction.knowledge import Concept, KnowledgeGraph
from medaction.knowledge.text import fold
from medaction.metrics.judge import resolve_truth

ABNORMALITY = "HP:0000118"
"""HPO's root of findings; its children are organ systems."""


class Strata:
    """Asks the graph; pure."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph

    def of(self, case: Case) -> tuple[str, str]:
        """(system, disease). The disease is the same for all names and vocabularies of one concept; a diagnosis that
        the graph does not know is its own disease, of the case's specialty."""
        exact, near = resolve_truth(self._graph, case.diagnosis)
        known = exact or near
        if not known:
            return case.specialty or "general", fold(case.diagnosis.text)
        members = sorted(member.id for member in self._graph.equivalents(known[0]))
        return self._system(known[0]) or case.specialty or "general", members[0]

    def _system(self, disease: Concept) -> str | None:
        """The system of the authored disease; else the organ system that most annotated findings belong to."""
        if card := self._graph.card(disease):
            return str(card["system"])
        found: Counter[str] = Counter()
        for edge in self._graph.edges_of(disease):
            if edge.aspect == "P" and edge.polarity == "present":
                above = set(self._graph.ancestors[edge.finding.index].tolist())
                found.update(name for number, name in self._systems.items() if number in above)
        return min(found, key=lambda name: (-found[name], name)) if found else None

    @cached_property
    def _systems(self) -> dict[int, str]:
        return {c.index: c.name.removeprefix("Abnormality of ").lower() for c in self._graph.children(ABNORMALITY)}
