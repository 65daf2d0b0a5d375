"""The fast tables say what the graph says."""

import random
from math import log

import pytest

from medaction.knowledge import KnowledgeGraph, find_relation
from medaction.metrics.links import BOUND, Links


def test_p_is_that_of_find_relation(graph: KnowledgeGraph) -> None:
    links = Links(graph)
    chance = random.Random(4)
    authored = graph.list_authored()
    rare = [graph.at(int(n)) for n in chance.sample(sorted(set(graph.arrays["edge_disease"].tolist())), 150)]
    silent = 0
    for disease in (*chance.sample(authored, 150), *rare):
        own = [edge.finding for edge in graph.edges_of(disease) if edge.aspect in "PH"]
        others = [edge.finding for edge in graph.edges_of(chance.choice(authored))]
        nearby = [
            p for finding in own[:5] for p in (*graph.parents(finding), *graph.children(finding)) if p.kind == "finding"
        ]
        for finding in chance.sample(own, min(4, len(own))) + chance.sample(others, 4) + nearby[:6]:
            expected = find_relation(graph, finding, disease)
            found = links.p(finding.index, disease.index)
            assert (expected is None) == (found is None)
            if expected is None or found is None:
                silent += 1
                continue
            assert found[0] == pytest.approx(expected.p, abs=2e-6)
            if disease.index == links.line(disease.index)[0]:
                side = {1: "for", -1: "against", 0: "neutral"}[links.argues(finding.index, True, disease.index)]
                assert side == expected.argues
    assert silent > 100


def test_absence_counts_the_other_way(graph: KnowledgeGraph) -> None:
    links = Links(graph)
    infarction = graph.get("MA:st_elevation_myocardial_infarction")
    troponin = graph.get("MF:elevated_troponin")
    present = links.log_ratio(troponin.index, True, infarction.index)
    absent = links.log_ratio(troponin.index, False, infarction.index)
    assert present is not None
    assert absent is not None
    relation = find_relation(graph, troponin, infarction)
    assert relation is not None
    assert present == pytest.approx(min(BOUND, log(relation.lift)), abs=1e-4)
    assert absent == pytest.approx(log((1 - relation.p) / (1 - relation.background)), abs=1e-3)
    assert (
        links.argues(troponin.index, True, infarction.index),
        links.argues(troponin.index, False, infarction.index),
    ) == (1, -1)


def test_a_test_is_linked_by_what_it_can_show(graph: KnowledgeGraph) -> None:
    links = Links(graph)
    infarction = graph.get("MA:st_elevation_myocardial_infarction").index
    assert links.find_test_link("troponin", infarction) is not None
    assert links.find_test_link("ecg", infarction) is not None
    assert links.find_test_link("pregnancy_test", infarction) is None
    assert links.find_test_link("no_such_test", infarction) is None
