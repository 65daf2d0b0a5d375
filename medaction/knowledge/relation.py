"""What the graph knows of a finding in a disease."""

from collections.abc import Iterable, Mapping

import numpy as np

from .graph import ConceptLike, KnowledgeGraph
from .model import Concept, Relation
from .store import Array

UNKNOWN_P = 0.5
"""Where a source states a finding without a frequency (an estimate: the middle of HPO's "frequent")."""
ABSENT_P = 0.005
LEAST_INFORMATION = 1.0
"""A broader finding carries weight for a narrower one only if it is itself informative (nats)."""


def find_relation(
    graph: KnowledgeGraph, finding: ConceptLike, disease: ConceptLike, *, without: Iterable[str] = ()
) -> Relation | None:
    """None when the graph says nothing. ``without``: references to leave out (``PMID:…``).

    Direct edges, pooled over equivalents (authored ones alone when there are any); else the likeliest narrower
    finding; else the most informative broader one, its P scaled by how much rarer the narrower finding is.
    """
    target, about = graph.get(finding), graph.get(disease)
    left_out = graph.reference_numbers(without)
    column = graph.arrays
    members = graph.similarity_index.equivalents(about.index)
    starts = column["edge_starts"]
    positions = np.concatenate([np.arange(starts[n], starts[n + 1]) for n in members])
    positions = positions[column["edge_aspect"][positions] <= 1]
    if left_out:
        positions = positions[~np.isin(column["edge_reference"][positions], list(left_out))]
    findings = column["edge_finding"][positions]
    if len(exact := positions[findings == target.index]):
        return _relation(graph, target, about, pooled_p(column, exact), None, exact)
    stated = positions[~column["edge_absent"][positions]]
    findings = column["edge_finding"][stated]
    if len(narrower := stated[np.isin(findings, graph.descendants[target.index])]):
        best = max(
            (pooled_p(column, narrower[column["edge_finding"][narrower] == f]), int(f))
            for f in np.unique(column["edge_finding"][narrower])
        )
        edges = narrower[column["edge_finding"][narrower] == best[1]]
        return _relation(graph, target, about, best[0], graph.at(best[1]), edges)
    information = column["information"]
    broader = stated[np.isin(findings, graph.ancestors[target.index])]
    broader = broader[information[column["edge_finding"][broader]] >= LEAST_INFORMATION]
    if len(broader):
        nearest = int(column["edge_finding"][broader][np.argmax(information[column["edge_finding"][broader]])])
        edges = broader[column["edge_finding"][broader] == nearest]
        share = float(np.exp(information[nearest] - information[target.index]))
        return _relation(graph, target, about, pooled_p(column, edges) * min(share, 1.0), graph.at(nearest), edges)
    excluded = positions[column["edge_absent"][positions]]
    if len(ruled := excluded[np.isin(column["edge_finding"][excluded], graph.ancestors[target.index])]):
        edges = ruled[:1]
        return _relation(graph, target, about, ABSENT_P, graph.at(int(column["edge_finding"][edges[0]])), edges)
    return None


def pooled_p(column: Mapping[str, Array], positions: Array) -> float:
    """One P from several edges: the authored ones if any; counts summed if any; else the mean of what is stated."""
    authored = positions[column["edge_source"][positions] == 0]
    if len(authored):
        positions = authored
    p, n = column["edge_p"][positions], column["edge_n"][positions].astype(np.float64)
    if n.sum() > 0:
        counted = n > 0
        return float(max((p[counted] * n[counted]).sum() / n.sum(), ABSENT_P))
    if column["edge_absent"][positions].all():
        return ABSENT_P
    return float(np.where(np.isnan(p), UNKNOWN_P, p).mean())


def _relation(
    graph: KnowledgeGraph, finding: Concept, disease: Concept, p: float, via: Concept | None, positions: Array
) -> Relation:
    background = graph.background(finding)
    lift = p / background
    argues = "for" if lift >= 2 else "against" if lift <= 0.5 else "neutral"
    if finding.index == (via or finding).index and graph.arrays["edge_absent"][positions].all():
        argues = "against"
    edges = tuple(map(graph.edge, positions.tolist()))
    return Relation(finding, disease, round(p, 6), background, argues, via, edges)
