"""What the graph says of a finding in a disease."""

import pytest

from medaction.knowledge import find_relation, prior_of


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
    assert prior_of(small_graph, "MA:malaria", age=5) == pytest.approx(1 / 800)  # a range ends below its end
    assert prior_of(small_graph, "OMIM:1") < 1e-5


def test_the_table_of_priors_says_what_each_disease_says(small_graph):
    for age, sex in ((None, None), (3, "female"), (40, "male"), (90, None)):
        table = small_graph.prior_table.of(age, sex).tolist()
        alone = [prior_of(small_graph, disease, age=age, sex=sex) for disease in small_graph.prior_table.diseases]
        assert table == pytest.approx(alone)
