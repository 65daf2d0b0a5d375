"""Which stored scores an edge of the graph can have moved, read from what the scores say of themselves."""

from collections.abc import Iterable
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Count

from datasets.models import Score
from medaction.domain.naming import catalogue_key
from medaction.knowledge import Kind, KnowledgeGraph, UnknownConceptError
from medaction.metrics import METRIC_VERSION
from review.models import EdgeProposal
from review.models.edge import EdgeRelation, EdgeSays

LISTED = "SELECT DISTINCT dx #>> '{}' FROM datasets_score, jsonb_path_query(detail, '$.turns[*].changes[*].dx') AS dx"
ORDERED = "SELECT DISTINCT o #>> '{}' FROM datasets_score, jsonb_path_query(detail, '$.turns[*].orders[*].order') AS o"
TRUTHS = """
SELECT payload #>> '{diagnosis,text}' FROM diagnosis_case
UNION SELECT alias #>> '{}' FROM diagnosis_case, jsonb_path_query(payload, '$.diagnosis.aliases[*]') AS alias
"""
BY_DISEASE = """
SELECT DISTINCT score.trajectory_id FROM datasets_score AS score
JOIN diagnosis_trajectory AS grown ON grown.id = score.trajectory_id
JOIN diagnosis_case AS asked ON asked.id = grown.case_id
WHERE score.metric_version = %(version)s AND (
    jsonb_path_exists(score.detail, '$.turns[*].changes[*] ? (@.dx == $names[*])', %(names)s::jsonb)
    OR asked.payload #>> '{diagnosis,text}' = ANY(%(truths)s)
    OR jsonb_path_exists(asked.payload, '$.diagnosis.aliases[*] ? (@ == $names[*])', %(truth_names)s::jsonb)
)
"""
BY_ORDER = """
SELECT DISTINCT trajectory_id FROM datasets_score
WHERE metric_version = %(version)s
    AND jsonb_path_exists(detail, '$.turns[*].orders[*] ? (@.order == $names[*])', %(names)s::jsonb)
"""


def count_scored() -> int:
    """Trees with scores of the metric version of now."""
    return Score.objects.filter(metric_version=METRIC_VERSION).aggregate(n=Count("trajectory", distinct=True))["n"]


def list_affected(proposal: EdgeProposal, graphs: Iterable[KnowledgeGraph]) -> list[UUID]:
    """Trees in which a diagnosis or the truth is the edge's disease or a kind of it, or whose orders the edge's test.

    By each of ``graphs``, those before and after the change. A confirmed edge moves nothing.
    """
    if proposal.verdict == EdgeSays.CONFIRM:
        return []
    found: set[UUID] = set()
    for graph in graphs:
        try:
            found.update(
                _by_disease(graph, proposal.source)
                if proposal.relation == EdgeRelation.HAS_FINDING
                else _by_order(graph, proposal.source, proposal.target)
            )
        except UnknownConceptError:
            continue
    return sorted(found)


def _by_disease(graph: KnowledgeGraph, disease: str) -> list[UUID]:
    same = graph.arrays["same"]
    wanted = same[graph.get(disease).index]

    def bears_on(name: str) -> bool:
        link = graph.concept(name, Kind.DISEASE)
        if link is None:
            return False
        members = graph.similarity_index.equivalents(link.concept.index)
        return any((same[graph.ancestors[member]] == wanted).any() for member in members)

    listed = [name for name in _column(LISTED) if bears_on(name)]
    truths = [name for name in _column(TRUTHS) if name and bears_on(name)]
    values = {"names": _names(listed), "truths": truths, "truth_names": _names(truths)}
    return _column(BY_DISEASE, values)


def _by_order(graph: KnowledgeGraph, test: str, finding: str) -> list[UUID]:
    tests = {test, *(edge.test.id for edge in graph.tests_for(finding))}

    def asks_for(order: str) -> bool:
        if key := catalogue_key(order):
            return f"TEST:{key}" in tests
        link = graph.concept(order, Kind.TEST)
        # What no name links is linked through the menu item that answered it: it cannot be left out.
        return link is None or link.concept.id in tests

    return _column(BY_ORDER, {"names": _names([order for order in _column(ORDERED) if asks_for(order)])})


def _names(names: list[str]) -> str:
    return orjson.dumps({"names": names}).decode()


def _column(statement: str, values: dict[str, object] | None = None) -> list:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**(values or {}), "version": METRIC_VERSION})
        return [row[0] for row in cursor.fetchall()]
