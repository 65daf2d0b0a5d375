"""What the graph says of a finding in a disease, and which diseases findings point to."""

import math

import pytest

from medaction.knowledge import find_relation, prior_of, rank_diseases


def test_direct_and_pooled(small_graph):
    fever = find_relation(small_graph, "HP:0001945", "MA:malaria")
    assert (fever.p, fever.argues, fever.via) == (pytest.approx(0.95), "for", None)
    assert fever.lift == pytest.approx(9.5, rel=1e-4)
    tonic = find_relation(small_graph, "HP:0002069", "OMIM:1")
    assert tonic.p == pytest.approx(2 / 7, rel=1e-5), "2 of 3 and 0 of 4 patients"
    stool = find_relation(small_graph, "MF:watery_stool", "MA:malaria")
    assert stool.p == pytest.approx(0.0002), "never: a tenth of what it is in everybody"
    assert stool.argues == "against"


def test_equivalents_share_what_is_known(small_graph):
    assert find_relation(small_graph, "MF:vibrio", "ICD10CM:A00").p == pytest.approx(0.9)


def test_through_a_narrower_finding(small_graph):
    relation = find_relation(small_graph, "HP:0001250", "OMIM:1")
    assert relation.via.id == "HP:0002069"
    assert relation.p == pytest.approx(2 / 7, rel=1e-5)


def test_an_excluded_finding_argues_against(small_graph):
    relation = find_relation(small_graph, "HP:0001324", "ORPHA:7")
    assert (relation.p, relation.argues) == (0.005, "against")


def test_unrelated_is_none(small_graph):
    assert find_relation(small_graph, "MF:vibrio", "OMIM:2") is None


def test_a_paper_can_be_left_out(small_graph):
    assert find_relation(small_graph, "HP:0001250", "OMIM:2").p == pytest.approx(0.5)
    assert find_relation(small_graph, "HP:0001250", "OMIM:2", without=["PMID:3"]) is None
    assert find_relation(small_graph, "HP:0001945", "OMIM:1", without=["PMID:1"]).p == pytest.approx(0.17)


def test_priors_follow_age(small_graph):
    assert prior_of(small_graph, "MA:malaria") == pytest.approx(1 / 800)
    assert prior_of(small_graph, "MA:malaria", age=3) == pytest.approx(2 / 800)
    assert prior_of(small_graph, "MA:malaria", age=40) == pytest.approx(1 / 800)
    assert prior_of(small_graph, "OMIM:1") < 1e-5


def test_ranking_is_prior_times_likelihood_ratio(small_graph):
    ranked = rank_diseases(small_graph, [("MF:parasites", True), ("MF:watery_stool", False)])
    assert ranked[0].disease.id == "MA:malaria"
    expected = math.log(1 / 800) + math.log(0.95 / 0.001) + math.log((1 - 0.0005) / (1 - 0.002))
    assert ranked[0].score == pytest.approx(expected, abs=1e-3)
    assert ranked[0].shares[0][1] == pytest.approx(math.log(950), abs=1e-3)
    assert [row.score for row in ranked] == sorted((row.score for row in ranked), reverse=True)


def test_ranking_among_and_without(small_graph):
    findings = [("HP:0001250", True)]
    assert [r.disease.id for r in rank_diseases(small_graph, findings, among=["OMIM:2"])] == ["OMIM:2"]
    without = rank_diseases(small_graph, findings, among=["OMIM:2"], without=["PMID:1"])
    assert without == []
    assert rank_diseases(small_graph, findings, among=["TEST:sodium"]) == []


def test_a_parent_finding_counts_its_children(small_graph):
    ranked = {r.disease.id: r.score for r in rank_diseases(small_graph, [("HP:0001250", True)], count=20)}
    assert ranked["OMIM:1"] > ranked["ORPHA:7"]


def test_real_textbook_presentations(real_graph):
    def first(*names: str) -> str:
        findings = [(real_graph.concept(name, "finding").concept, True) for name in names]
        return rank_diseases(real_graph, findings)[0].disease.id

    assert first("migratory right lower quadrant pain", "rebound tenderness", "leukocytosis") == "MA:acute_appendicitis"
    assert first("fatigable weakness", "ptosis", "diplopia") == "MA:myasthenia_gravis"
    assert first("kussmaul breathing", "hyperglycemia", "ketonuria") == "MA:diabetic_ketoacidosis"
