"""What the graph knows of a finding in a disease, and which diseases given findings point to."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from .graph import ConceptLike, KnowledgeGraph
from .model import PRIORS, Concept, Ranked, Relation
from .store import Array, Rows

UNKNOWN_P = 0.5
"""Where a source states a finding without a frequency (an estimate: the middle of HPO's "frequent")."""
ABSENT_P = 0.005
LEAST_INFORMATION = 1.0
"""A broader finding carries weight for a narrower one only if it is itself informative (nats)."""
DEFAULT_PRIOR = 1 / 500_000
"""P(disease) for a disease without an authored band: rare, an estimate."""


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


def rank_diseases(
    graph: KnowledgeGraph,
    findings: Sequence[tuple[ConceptLike, bool]],
    *,
    count: int = 10,
    among: Iterable[ConceptLike] | None = None,
    without: Iterable[str] = (),
    age: float | None = None,
    sex: str | None = None,
) -> list[Ranked]:
    """Diseases by prior and likelihood ratio of the findings (concept, present?), independent given the disease.

    Equivalents are ranked once. ``score`` is ln(prior) + Σ ln(P(finding|disease) / P(finding)); nothing is invented
    for a finding that the graph does not join to a disease: it then counts by half its background.
    """
    column = graph.arrays
    left_out = graph.reference_numbers(without)
    usable = column["edge_aspect"] <= 1
    if left_out:
        usable = usable & ~np.isin(column["edge_reference"], list(left_out))
    diseases = np.unique(column["edge_disease"][usable])
    if among is not None:
        wanted = {n for concept in among for n in graph.similarity_index.equivalents(graph.get(concept).index)}
        diseases = diseases[np.isin(diseases, list(wanted))]
    if not len(diseases):
        return []
    place = np.full(len(column["concept_kinds"]), -1, np.int32)
    place[diseases] = np.arange(len(diseases))
    concepts = [(graph.get(finding), present) for finding, present in findings]
    shares = np.stack([_shares(graph, concept, present, usable, place, len(diseases)) for concept, present in concepts])
    scores = _priors(graph, diseases, age, sex) + shares.sum(0)
    ranked: list[Ranked] = []
    taken: set[int] = set()
    for position in np.argsort(-scores, kind="stable").tolist():
        root = int(column["same"][diseases[position]])
        if root not in taken:
            taken.add(root)
            parts = tuple((c, round(float(s), 4)) for (c, _), s in zip(concepts, shares[:, position], strict=True))
            ranked.append(Ranked(graph.at(int(diseases[position])), round(float(scores[position]), 4), parts))
        if len(ranked) == count:
            break
    return ranked


def _shares(graph: KnowledgeGraph, finding: Concept, present: bool, usable: Array, place: Array, size: int) -> Array:
    """ln likelihood ratio of one finding for every disease."""
    background = graph.background(finding)
    p = np.full(size, background / 2)
    column = graph.arrays
    rows = Rows(column["edge_finding_starts"], column["edges_by_finding"])
    information = column["information"]
    above = graph.ancestors[finding.index]
    for related in (
        *graph.descendants[finding.index].tolist(),
        *above[information[above] >= LEAST_INFORMATION].tolist(),
    ):
        edges = rows[related]
        edges = edges[usable[edges]]
        at = place[column["edge_disease"][edges]]
        edges, at = edges[at >= 0], at[at >= 0]
        if not len(edges):
            continue
        absent = column["edge_absent"][edges]
        stated = np.nan_to_num(column["edge_p"][edges], nan=UNKNOWN_P)
        share = min(1.0, float(np.exp(information[related] - information[finding.index])))
        np.maximum.at(p, at[~absent], stated[~absent] * share)
        if related == finding.index:
            p[at[absent]] = ABSENT_P
    p = np.clip(p, ABSENT_P / 10, 0.995)
    ratio: Array = np.log(p / background) if present else np.log((1 - p) / (1 - background))
    return ratio


def _priors(graph: KnowledgeGraph, diseases: Array, age: float | None, sex: str | None) -> Array:
    priors = np.full(len(diseases), np.log(DEFAULT_PRIOR))
    for position in np.flatnonzero(np.isin(diseases, graph.arrays["card_concepts"])).tolist():
        priors[position] = np.log(prior_of(graph, graph.at(int(diseases[position])), age=age, sex=sex))
    return priors


def prior_of(graph: KnowledgeGraph, disease: ConceptLike, *, age: float | None = None, sex: str | None = None) -> float:
    """P(disease) for a person of this age and sex: the authored band times the factors that apply; an estimate."""
    card = graph.card(disease)
    if card is None:
        return DEFAULT_PRIOR
    prior = PRIORS[card["prior"]["band"]]
    for row in card["demographics"]:
        fits_sex = row["sex"] == "any" or sex == row["sex"]
        fits_age = (age is None and (row["low"], row["high"]) == (0, 120)) or (
            age is not None and row["low"] <= age <= row["high"]
        )
        if fits_sex and fits_age:
            prior *= row["factor"]
    return float(min(max(prior, 1e-9), 0.5))
