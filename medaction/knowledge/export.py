"""Rows for other programs: concepts, disease–finding edges, test edges, each with its source."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .graph import KnowledgeGraph

EXPORTS = ("concepts", "edges", "tests")


def export_rows(graph: KnowledgeGraph, what: str, *, authored_only: bool = False) -> Iterator[dict[str, Any]]:
    """``what`` is one of :data:`EXPORTS`; in a stable order."""
    rows = {"concepts": _concepts, "edges": _edges, "tests": _tests}[what]
    yield from rows(graph, authored_only)


def _concepts(graph: KnowledgeGraph, authored_only: bool) -> Iterator[dict[str, Any]]:
    for number in range(len(graph.arrays["concept_kinds"])):
        concept = graph.at(number)
        if authored_only and concept.vocabulary not in ("MA", "MF", "TEST"):
            continue
        yield {
            "id": concept.id,
            "name": concept.name,
            "kind": str(concept.kind),
            "must_not_miss": concept.must_not_miss,
            "is_a": [parent.id for parent in graph.parents(concept)],
        }


def _edges(graph: KnowledgeGraph, authored_only: bool) -> Iterator[dict[str, Any]]:
    for position in range(len(graph.arrays["edge_disease"])):
        if authored_only and graph.arrays["edge_source"][position] != 0:
            continue
        edge = graph.edge(position)
        yield {
            "disease": edge.disease.id,
            "finding": edge.finding.id,
            "polarity": edge.polarity,
            "p": edge.p,
            "n": edge.n,
            "aspect": edge.aspect,
            "source": edge.source,
            "reference": edge.reference,
        }


def _tests(graph: KnowledgeGraph, authored_only: bool) -> Iterator[dict[str, Any]]:
    for test in np.flatnonzero(graph.arrays["concept_kinds"] == 2).tolist():
        for edge in graph.findings_of(graph.at(test)):
            if authored_only and edge.source == "rule":
                continue
            yield {
                "test": edge.test.id,
                "finding": edge.finding.id,
                "polarity": edge.polarity,
                "disease": edge.disease.id if edge.disease else None,
                "sensitivity": edge.sensitivity,
                "specificity": edge.specificity,
                "source": edge.source,
            }
