"""The edges that a branch's metrics rest on."""

import pytest

from medaction.knowledge import KnowledgeGraph, find_relation
from medaction.metrics import BranchScorer, UsedEdge
from tests.medaction.metrics.dialogues import CONVERGING, EMBOLISM, INFARCTION, make_case


@pytest.fixture(scope="module")
def used(scorer: BranchScorer) -> tuple[UsedEdge, ...]:
    return scorer.trace(CONVERGING, make_case())


def about(used: tuple[UsedEdge, ...], graph: KnowledgeGraph, disease: str) -> list[UsedEdge]:
    concept = graph.concept(disease)
    assert concept is not None
    return [edge for edge in used if graph.is_same(edge.source, concept.concept)]


def test_what_carried_a_change_is_named_with_where_it_was_told(
    used: tuple[UsedEdge, ...], graph: KnowledgeGraph
) -> None:
    elevation = [edge for edge in about(used, graph, INFARCTION) if "ST-segment elevation" in edge.told]
    assert elevation
    assert elevation[0].turns[0] == 3
    assert elevation[0].argues == "for"
    assert elevation[0].relation == "has_finding"
    assert any(edge.argues == "against" for edge in about(used, graph, EMBOLISM) if 4 in edge.turns)


def test_what_linked_an_order_is_named(used: tuple[UsedEdge, ...]) -> None:
    orders = {(edge.source.id, told) for edge in used if edge.relation == "reveals" for told in edge.told}
    assert orders == {(f"TEST:{key}", key) for key in ("ct_pulmonary_angiogram", "ecg", "troponin")}


def test_every_edge_is_in_the_graph_once_and_as_it_states_it(used: tuple[UsedEdge, ...], graph: KnowledgeGraph) -> None:
    keys = [(edge.relation, edge.source.id, edge.target.id) for edge in used]
    assert len(set(keys)) == len(keys)
    for edge in used:
        assert edge.sources
        if edge.relation == "reveals":
            assert edge.target.index in {each.finding.index for each in graph.findings_of(edge.source)}
        else:
            relation = find_relation(graph, edge.target, edge.source)
            assert relation is not None
            assert (relation.via, relation.p) == (None, edge.p)
