"""Why two concepts are near: the shortest path, each step a sentence."""

from itertools import pairwise

from .graph import ConceptLike, KnowledgeGraph
from .model import Concept, Kind
from .relation import find_relation


def explain(graph: KnowledgeGraph, one: ConceptLike, other: ConceptLike) -> list[str]:
    """Sentences from one to the other; empty when there is no path. One sentence when they are the same."""
    start, end = graph.get(one), graph.get(other)
    if start.index == end.index or graph.is_same(start, end):
        return [f"{_named(start)} and {_named(end)} are the same."]
    path = graph.paths.path(start.index, end.index) or []
    concepts = [graph.at(number) for number in path]
    sentences = [_sentence(graph, *pair) for pair in pairwise(concepts)]
    for rival in graph.competitors(start) if start.kind == Kind.DISEASE else ():
        if graph.is_same(rival.disease, end):
            sentences.append(f"What separates {start.name} from {end.name}: {rival.separates}")
    return sentences


def _sentence(graph: KnowledgeGraph, one: Concept, other: Concept) -> str:
    if one.kind == other.kind or Kind.MODIFIER in (one.kind, other.kind):
        if graph.is_same(one, other):
            return f"{_named(one)} is the same disease as {_named(other)}."
        child, parent = (one, other) if graph.is_a(one, other) else (other, one)
        return f"{_named(child)} is a kind of {_named(parent)}."
    kinds = {one.kind: one, other.kind: other}
    if Kind.TEST in kinds:
        return f"{kinds[Kind.TEST].name} can reveal {kinds[Kind.FINDING].name}."
    disease, finding = kinds[Kind.DISEASE], kinds[Kind.FINDING]
    relation = find_relation(graph, finding, disease)
    if relation is None:
        return f"{finding.name} is looked for in {disease.name}."
    sources = sorted({f"{edge.source}, {edge.reference}" for edge in relation.edges})
    share = f"{relation.p:.0%}" if relation.p >= 0.01 else f"{relation.p:.1%}"
    return f"{finding.name} is present in about {share} of {disease.name} ({'; '.join(sources[:3])})."


def _named(concept: Concept) -> str:
    return f"{concept.name} ({concept.id})"
