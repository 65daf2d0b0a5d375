"""Similarity against the definitions, computed plainly, and its laws."""

import math
import random

import numpy as np
import pytest


def plain_lin(graph, one, other) -> float:
    information = graph.arrays["information"]
    common = set(graph.ancestors[one].tolist()) & set(graph.ancestors[other].tolist())
    total = float(information[one] + information[other])
    return 2 * max((float(information[n]) for n in common), default=0.0) / total if total > 0 and common else 0.0


def plain_profile(graph, one, other) -> float:
    def usual(disease):
        edges = graph.edges_of(graph.at(disease))
        stated = (e for e in edges if e.aspect == "P" and e.polarity == "present" and (e.p is None or e.p >= 0.1))
        return sorted({e.finding.index for e in stated})

    left, right = usual(one), usual(other)
    if not left or not right:
        return 0.0
    matrix = np.array([[plain_lin(graph, a, b) for b in right] for a in left])
    return min(0.95, (matrix.max(1).mean() + matrix.max(0).mean()) / 2)


def test_information_content_counts_annotated_diseases(small_graph):
    information = small_graph.arrays["information"]
    # Five diseases have a stated finding: two authored, OMIM:1, OMIM:2, ORPHA:7.
    assert information[small_graph.get("HP:0001945").index] == pytest.approx(-math.log(4 / 5), abs=1e-6)
    assert information[small_graph.get("HP:0000118").index] == pytest.approx(0, abs=1e-6)
    assert information[small_graph.get("HP:0002069").index] == pytest.approx(-math.log(1 / 5), abs=1e-6)


def test_lin_of_findings(small_graph):
    seizure, tonic = small_graph.get("HP:0001250"), small_graph.get("HP:0002069")
    common = -math.log(4 / 5)
    expected = 2 * common / (common - math.log(1 / 5))
    assert small_graph.similarity(seizure, tonic) == pytest.approx(expected, abs=1e-5)
    assert small_graph.similarity(tonic, tonic) == 1.0
    assert small_graph.similarity("HP:0002069", "MF:parasites") == 0.0


def test_laws(small_graph):
    assert small_graph.similarity("MA:cholera", "ICD10CM:A00") == 1.0
    assert small_graph.similarity("MA:cholera", None) is None
    assert small_graph.similarity(None, "MA:cholera") is None
    assert small_graph.similarity("MA:cholera", "TEST:sodium") == 0.0
    assert 0 < small_graph.similarity("MA:malaria", "OMIM:1") < 1


def test_real_diseases_against_the_plain_definitions(real_graph):
    chance = random.Random(5)
    annotated = np.flatnonzero(np.diff(real_graph.arrays["edge_starts"]) > 3).tolist()
    for _ in range(25):
        one, other = chance.choice(annotated), chance.choice(annotated)
        index = real_graph.similarity_index
        assert index.lin(one, other) == pytest.approx(plain_lin(real_graph, one, other), abs=1e-5)
        assert index.profile(one, other) == pytest.approx(plain_profile(real_graph, one, other), abs=1e-4)
        value = index.of(one, other)
        assert value == index.of(other, one)
        assert 0 <= value <= 1


def test_near_diseases_are_nearer_than_far_ones(real_graph):
    def near(one, other):
        return real_graph.similarity(one, other)

    assert near("MA:myasthenia_gravis", "OMIM:254200") == 1.0
    assert near("MA:myasthenia_gravis", "OMIM:254210") > near("MA:myasthenia_gravis", "MA:acute_appendicitis")
    assert near("OMIM:154700", "OMIM:609192") > near("OMIM:154700", "OMIM:219700")
