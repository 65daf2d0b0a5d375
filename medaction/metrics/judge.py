"""Whether a given diagnosis is the true one, by concept and never by likeness of spelling."""

from enum import StrEnum

from medaction.domain.case import Diagnosis
from medaction.knowledge import Concept, KnowledgeGraph
from medaction.knowledge.graph import UnknownConceptError
from medaction.knowledge.model import Grade, Kind
from medaction.knowledge.text import fold


class Verdict(StrEnum):
    """SAME: the same concept, or a synonym. BROADER: the same ICD-10-CM category, or one is a kind of the other."""

    SAME = "same"
    BROADER = "broader"
    OTHER = "other"
    UNLINKED = "unlinked"


def judge(graph: KnowledgeGraph, truth: Diagnosis, given: str) -> Verdict:
    """UNLINKED where either side is a name that the graph does not know; such an answer never counts as right."""
    names = (truth.text, *truth.aliases)
    if fold(given) and fold(given) in map(fold, names):
        return Verdict.SAME
    link = graph.concept(given, Kind.DISEASE)
    exact, near = resolve_truth(graph, truth)
    if link is None or not (exact or near):
        return Verdict.UNLINKED
    if link.grade is Grade.SAME and any(graph.is_same(link.concept, concept) for concept in exact):
        return Verdict.SAME
    related = any(_is_related(graph, link.concept, concept) for concept in (*exact, *near))
    return Verdict.BROADER if related else Verdict.OTHER


def is_decided(graph: KnowledgeGraph, truth: Diagnosis, given: str) -> bool:
    """Whether :func:`judge` knew both names exactly. Else it could not have told that they are the same: one is unknown
    to the graph, or known only as something wider ("gout of the left big toe")."""
    if judge(graph, truth, given) is Verdict.SAME:
        return True
    link = graph.concept(given, Kind.DISEASE)
    return link is not None and link.grade is Grade.SAME and bool(resolve_truth(graph, truth)[0])


def resolve_truth(graph: KnowledgeGraph, truth: Diagnosis) -> tuple[list[Concept], list[Concept]]:
    """Concepts that the truth is, and concepts of which it is a kind."""
    exact: list[Concept] = []
    near: list[Concept] = []
    for identifier in truth.concept_ids:
        try:
            exact.append(graph.get(identifier))
        except UnknownConceptError:
            continue
    for name in (truth.text, *truth.aliases):
        if link := graph.concept(name, Kind.DISEASE):
            (exact if link.grade is Grade.SAME else near).append(link.concept)
    return exact, near


def _is_related(graph: KnowledgeGraph, given: Concept, true: Concept) -> bool:
    if graph.is_same(given, true) or _categories(graph, given) & _categories(graph, true):
        return True
    mine, others = graph.equivalents(given), graph.equivalents(true)
    return any(_is_kind(graph, a, b) or _is_kind(graph, b, a) for a in mine for b in others)


def _is_kind(graph: KnowledgeGraph, child: Concept, parent: Concept) -> bool:
    """By authored is-a alone: ICD's chapters and HPO's roots are no diagnoses."""
    return child.vocabulary == parent.vocabulary == "MA" and child != parent and graph.is_a(child, parent)


def _categories(graph: KnowledgeGraph, concept: Concept) -> set[str]:
    """Three-character ICD-10-CM categories of the concept and its equivalents."""
    codes = [c.id.partition(":")[2] for c in graph.equivalents(concept) if c.vocabulary == "ICD10CM"]
    codes += (graph.card(concept) or {"icd10cm": []})["icd10cm"]
    return {code[:3] for code in codes if "-" not in code}
