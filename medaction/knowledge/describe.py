"""One concept as plain data for a page, a terminal or another program."""

from typing import Any

from medaction.domain.catalogue import load_catalogue
from medaction.domain.quantities import Quantity, Range

from .graph import KnowledgeGraph
from .model import Concept, Edge, Kind, Link, TestEdge

MOST_DISEASES = 40
"""How many diseases a finding's description lists: authored ones and the likeliest first."""


def describe(graph: KnowledgeGraph, concept: Concept) -> dict[str, Any]:
    """Identity and parents of any concept; and for a disease its findings and tests, for a finding its tests and
    diseases, for a test its findings."""
    about: dict[str, Any] = {"id": concept.id, "name": concept.name, "kind": str(concept.kind)}
    if concept.kind == Kind.DISEASE:
        about |= {"must_not_miss": concept.must_not_miss, **(graph.card(concept) or {})}
        edges = [edge for edge in graph.edges_of(concept) if edge.aspect in "PH"]
        about["findings"] = [_finding_row(edge) for edge in sorted(edges, key=lambda edge: -(edge.p or 0))]
        about["tests"] = [describe_test(edge) for edge in graph.tests_of(concept)]
    elif concept.kind == Kind.TEST:
        about |= _describe_catalogue(concept.id.removeprefix("TEST:"))
        about["findings"] = [describe_test(edge) for edge in graph.findings_of(concept)]
    else:
        about["background"] = round(graph.background(concept), 5)
        about["tests"] = [describe_test(edge) for edge in graph.tests_for(concept) if edge.disease is None]
        edges = sorted(graph.edges_with(concept), key=lambda edge: (edge.source != "authored", -(edge.p or 0)))
        about["diseases"] = [
            {"disease": edge.disease.name, "id": edge.disease.id, "p": edge.p, "source": edge.source}
            for edge in edges[:MOST_DISEASES]
        ]
    about["is_a"] = [f"{parent.name} ({parent.id})" for parent in graph.parents(concept)]
    return about


def _describe_catalogue(key: str) -> dict[str, Any]:
    """What the catalogue says of a test: other names, cost (US dollars), turnaround, risk, LOINC, units and ranges."""
    entry = load_catalogue().get(key)
    if entry is None:
        return {}
    codes = [*entry.loinc, *(c for q in entry.quantities for c in q.loinc if c not in entry.loinc)]
    return {
        "category": str(entry.category),
        "aliases": list(entry.aliases),
        "cost": entry.cost,
        "turnaround_minutes": entry.turnaround_minutes,
        "risk": entry.risk,
        "loinc": codes,
        "ranges": [_range_row(quantity, one) for quantity in entry.quantities for one in quantity.ranges or (None,)],
    }


def _range_row(quantity: Quantity, one: Range | None) -> dict[str, Any]:
    row: dict[str, Any] = {"quantity": quantity.name, "key": quantity.key, "unit": quantity.unit}
    if one is None:
        return row
    return {**row, "low": one.low, "high": one.high, "sex": one.sex, "ages": one.ages, "source": one.source}


def describe_test(edge: TestEdge) -> dict[str, Any]:
    return {
        "test": edge.test.name,
        "finding": edge.finding.name,
        "polarity": edge.polarity,
        "disease": edge.disease.name if edge.disease else None,
        "sensitivity": edge.sensitivity,
        "specificity": edge.specificity,
        "source": edge.source,
    }


def describe_link(link: Link) -> dict[str, Any]:
    return {
        "text": link.text,
        "method": str(link.method),
        "grade": str(link.grade),
        "id": link.concept.id,
        "name": link.concept.name,
        "note": link.note,
    }


def _finding_row(edge: Edge) -> dict[str, Any]:
    return {
        "finding": edge.finding.name,
        "id": edge.finding.id,
        "polarity": edge.polarity,
        "p": None if edge.p is None else round(edge.p, 4),
        "source": edge.source,
        "reference": edge.reference,
    }
