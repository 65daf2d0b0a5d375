"""What a site's reviewers decided, as a layer of the compiled graph."""

from dataclasses import replace
from datetime import date

import pytest

from medaction.knowledge import KnowledgeError, find_relation, open_graph
from medaction.knowledge.check import check_graph
from medaction.knowledge.sources.overlay import SiteStatement, read_overlay, render_overlay
from medaction.knowledge.sources.places import find_places

DAY = date(2000, 1, 2)
FEVER, SEIZURE, SMEAR = "HP:0001945", "HP:0001250", "MF:parasites"


def statement(source: str, target: str, verdict: str, relation: str = "has_finding", **values) -> SiteStatement:
    return SiteStatement(source, relation, target, verdict, DAY, **values)


@pytest.fixture
def open_with(small, tmp_path):
    """``open_with(statements)``: the graph of the small inputs under this overlay."""

    def open_it(*statements: SiteStatement):
        path = tmp_path / "overlay.yaml"
        path.write_text(render_overlay(statements), encoding="utf-8")
        return open_graph(tmp_path / "cache", places=replace(small.places, overlay=path))

    return open_it


def test_what_is_written_is_read(tmp_path):
    statements = (
        statement("MA:malaria", FEVER, "too_high", band="frequent", citations=("PMID:1", "A book, p. 3: «x»")),
        statement("TEST:blood_smear", SMEAR, "confirm", "reveals"),
    )
    path = tmp_path / "overlay.yaml"
    path.write_text(render_overlay(reversed(statements)), encoding="utf-8")
    assert read_overlay(path) == statements
    assert render_overlay(statements) == render_overlay(reversed(statements))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ([statement("MA:malaria", FEVER, "too_high")], "has a band exactly where"),
        ([statement("MA:malaria", FEVER, "confirm", band="rare")], "has a band exactly where"),
        ([statement("TEST:sodium", "MF:low_na", "too_low", "reveals", band="rare")], "has a band exactly where"),
        ([statement("MA:malaria", FEVER, "confirm")] * 2, "second statement about MA:malaria"),
        ([statement("MA:malaria", FEVER, "maybe")], "verdict"),
    ],
)
def test_what_is_no_overlay_stops_the_build(open_with, wrong, sentence):
    with pytest.raises(KnowledgeError, match=sentence):
        open_with(*wrong)


def test_no_overlay_and_an_empty_one_give_the_graph_of_the_package(small, open_with, tmp_path):
    assert open_with().hash == open_graph(tmp_path / "cache", places=small.places).hash
    assert find_places(overlay=tmp_path / "nowhere.yaml").overlay is None


def test_a_refuted_edge_is_gone_and_others_stay(open_with):
    before, after = open_with(), open_with(statement("MA:malaria", "MF:rigors", "refute"))
    assert after.hash != before.hash
    assert find_relation(before, "MF:rigors", "MA:malaria").via is None
    assert all(edge.finding.id != "MF:rigors" for edge in after.edges_of("MA:malaria"))
    assert find_relation(after, "MF:rigors", "MA:cholera") == find_relation(before, "MF:rigors", "MA:cholera")
    assert (after.arrays["information"] == before.arrays["information"]).all()
    assert (after.arrays["background"] == before.arrays["background"]).all()


def test_another_band_is_labelled_as_the_sites(open_with):
    graph = open_with(statement("MA:malaria", FEVER, "too_high", band="frequent", citations=("PMID:5",)))
    relation = find_relation(graph, FEVER, "MA:malaria")
    assert relation.p == pytest.approx(0.55)
    assert [(edge.source, edge.reference) for edge in relation.edges] == [("site", "site review;PMID:5")]
    assert "site" in [source.key for source in graph.sources]
    assert graph.reference_numbers(["PMID:5"])


def test_a_band_takes_the_place_of_all_that_was_counted(open_with):
    """Two cohorts of one paper gave 2 of 7; the reviewers say that it is rarer."""
    graph = open_with(statement("OMIM:1", "HP:0002069", "too_high", band="rare"))
    relation = find_relation(graph, "HP:0002069", "OMIM:1")
    assert (relation.p, [edge.n for edge in relation.edges]) == (pytest.approx(0.03), [0])


def test_a_confirmed_edge_keeps_its_figure_and_says_so(open_with):
    before, after = open_with(), open_with(statement("OMIM:2", SEIZURE, "confirm"))
    old, new = (find_relation(graph, SEIZURE, "OMIM:2") for graph in (before, after))
    assert new.p == old.p
    assert new.edges[0].reference == f"{old.edges[0].reference};site review"
    assert after.hash != before.hash


def test_what_a_test_shows_can_be_refuted(open_with):
    before = open_with()
    after = open_with(statement("TEST:sodium", "MF:low_na", "refute", "reveals"))
    assert "MF:low_na" in {edge.finding.id for edge in before.findings_of("sodium")}
    assert "MF:low_na" not in {edge.finding.id for edge in after.findings_of("sodium")}
    confirmed = open_with(statement("TEST:sodium", "MF:low_na", "confirm", "reveals"))
    assert {e.source for e in confirmed.findings_of("sodium") if e.finding.id == "MF:low_na"} == {"site"}


def test_a_statement_about_an_edge_that_is_gone_does_nothing(small, open_with):
    graph = open_with(statement("MA:malaria", "MF:vibrio", "refute"), statement("MA:nowhere", FEVER, "refute"))
    assert graph.meta["counts"]["site_statements"] == 0
    assert len(graph.edges_of("MA:malaria")) == len(open_with().edges_of("MA:malaria"))
    assert not [p for p in check_graph(graph, small.places).errors if p.file == "compiled graph"]
