"""To which body system and which disease a case belongs, so that none of them fills a benchmark."""

from collections import Counter
from functools import cached_property

from medaction.domain.case import Case
from medaction.knowledge import Concept, KnowledgeGraph
from medaction.knowledge.text import fold
from medaction.metrics.judge import resolve_truth

_OURS = {
    "HP:0000119": "renal",
    "HP:0000152": "head and neck",
    "HP:0000478": "ent_eye",
    "HP:0000598": "ent_eye",
    "HP:0000707": "neurological",
    "HP:0000769": "obstetrics_gynaecology",
    "HP:0000818": "endocrine",
    "HP:0001197": "paediatrics",
    "HP:0001507": "paediatrics",
    "HP:0001574": "dermatological",
    "HP:0001608": "ent_eye",
    "HP:0001626": "cardiovascular",
    "HP:0001871": "haematology_oncology",
    "HP:0001939": "metabolic",
    "HP:0002086": "respiratory",
    "HP:0002664": "haematology_oncology",
    "HP:0002715": "immunology_genetic",
    "HP:0025031": "gastrointestinal",
    "HP:0033127": "musculoskeletal",
    "HP:0040064": "musculoskeletal",
    "HP:0045027": "respiratory",
}
"""HPO's organ systems by the words of the authored diseases; the two that say nothing of a system are left out."""


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
        """The system of the authored disease; else the one that most annotated findings belong to."""
        if card := self._graph.card(disease):
            return str(card["system"])
        found: Counter[str] = Counter()
        for edge in self._graph.edges_of(disease):
            if edge.aspect == "P" and edge.polarity == "present":
                above = set(self._graph.ancestors[edge.finding.index].tolist())
                found.update({system for number, system in self._systems.items() if number in above})
        return min(found, key=lambda system: (-found[system], system)) if found else None

    @cached_property
    def _systems(self) -> dict[int, str]:
        return {self._graph.get(identifier).index: system for identifier, system in _OURS.items()}
