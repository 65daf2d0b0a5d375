"""Which cases of a file are scored: a few of each disease, and those that can be told without their own paper."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from medaction.domain.case import Case
from medaction.knowledge import KnowledgeGraph
from medaction.metrics.judge import resolve_truth

LEAST_ROWS = 5
"""Phenotype annotations that a disease must keep without the case's own paper, for the case to be scored so."""


def sample_per_disease(cases: Sequence[Case], most: int) -> list[Case]:
    """At most ``most`` cases of each true diagnosis, drawn by the hash of their ids; in the order of the file."""
    taken: Counter[str] = Counter()
    kept: set[str] = set()
    for case in sorted(cases, key=lambda case: sha256(case.id.encode()).digest()):
        disease = next(iter(case.diagnosis.concept_ids), case.diagnosis.text)
        if taken[disease] < most:
            taken[disease] += 1
            kept.add(case.id)
    return [case for case in cases if case.id in kept]


def count_rows_left(graph: KnowledgeGraph, case: Case) -> int:
    """Phenotype annotations of the true disease and its equivalents that do not cite the case's own references."""
    column = graph.arrays
    own = graph.reference_numbers(case.references)
    members = {n.index for truth in resolve_truth(graph, case.diagnosis)[0] for n in graph.equivalents(truth)}
    spans = [np.arange(column["edge_starts"][n], column["edge_starts"][n + 1]) for n in sorted(members)]
    edges = np.concatenate(spans) if spans else np.zeros(0, np.int32)
    edges = edges[column["edge_aspect"][edges] == 0]
    return int((~np.isin(column["edge_reference"][edges], list(own))).sum())


def keep_told_elsewhere(graph: KnowledgeGraph, cases: Sequence[Case]) -> list[Case]:
    """Cases with references whose disease keeps at least ``LEAST_ROWS`` annotations without them."""
    return [case for case in cases if case.references and count_rows_left(graph, case) >= LEAST_ROWS]


def is_candidate(graph: KnowledgeGraph, case: Case) -> bool:
    """Whether the true disease is among those that HPO's release annotates with findings."""
    profiles = graph.ranker.profiles
    places = [int(profiles.place[truth.index]) for truth in resolve_truth(graph, case.diagnosis)[0]]
    return any(place >= 0 and bool(profiles.coded[place]) for place in places)
