"""The pages of runs: without a script, as fragments, and with as many queries for a thousand cases as for ten."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.models import DistillationRun, Selection, Verdict
from datasets.selectors.pruning import preview_pruning
from datasets.services.selecting import make_selection
from medaction.distill.pruning import Thresholds
from tests.datasets import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def mine(client_of, manager, nowhere):
    return client_of(manager)


@pytest.fixture
def form(mine):
    """What the form of a new run sends when only its name is filled in."""
    page = mine.get("/data/runs/new/")
    values = {name: field.initial for name, field in page.context["form"].fields.items() if field.initial is not None}
    return {**values, "name": "First", "policy": "random"}


def test_a_run_is_started_once_from_the_form(mine, form, cases, graph):
    page = mine.post("/data/runs/new/", form)
    run = DistillationRun.objects.get()
    assert page.url == f"/data/runs/{run.pk}/"
    assert (run.case_count, run.policy, run.owner.username) == (3, "random", "manager")
    assert mine.post("/data/runs/new/", form).url == page.url
    assert b"The same run was made before" in mine.get(page.url).content
    assert DistillationRun.objects.count() == 1


def test_cases_are_chosen_by_filter_and_number(mine, form, cases, graph):
    shown = mine.get("/data/runs/new/", {"limit": "2"}, headers=HTMX).content
    assert b"2 cases will be grown" in shown
    mine.post("/data/runs/new/", {**form, "limit": "2"})
    assert DistillationRun.objects.get().case_count == 2
    empty = mine.post("/data/runs/new/", {**form, "q": "zzzz"})
    assert (empty.status_code, b"No case was chosen" in empty.content) == (422, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy": "nonsense"},
        {"seed": "-1"},
        {"dtc": "1.5"},
        {"root": "0"},
        {"temperature": "nan"},
        {"name": ""},
        {"limit": "0"},
        {"leaves": "9999"},
    ],
)
def test_what_makes_no_sense_is_told_and_starts_nothing(mine, form, cases, wrong):
    page = mine.post("/data/runs/new/", {**form, **wrong})
    assert (page.status_code, b"There is a problem" in page.content) == (422, True)
    assert not DistillationRun.objects.exists()


def test_a_run_is_steered(mine, waiting_run):
    address = f"/data/runs/{waiting_run.pk}/"
    assert b"Pause the run" in mine.get(address).content
    assert mine.post(f"{address}pause").url == address
    assert b"Go on with the run" in mine.get(address).content
    assert mine.post(f"{address}pause").status_code == 409
    assert mine.post(f"{address}resume").url == address
    assert mine.post(f"{address}cancel").url == address
    waiting_run.refresh_from_db()
    assert waiting_run.state == "CANCELLED"
    page = mine.get(address).content
    assert b"Cancel the run" not in page
    assert mine.post(f"{address}resume").status_code == 409


def test_an_auditor_sees_a_run_and_no_buttons(client_of, waiting_run):
    page = client_of(factories.make_role(factories.AUDITOR)).get(f"/data/runs/{waiting_run.pk}/").content
    assert b"Waiting for a worker" in page
    assert b"/cancel" not in page


def test_the_state_and_the_trees_come_as_fragments(mine, run):
    address = f"/data/runs/{run.pk}/"
    state = mine.get(address, headers={**HTMX, "HX-Target": "run-state"}).content.strip()
    assert state.startswith(b'<div id="run-state"')
    trees = mine.get(address, {"kind": "REJECTED"}, headers={**HTMX, "HX-Target": "tree-results"}).content
    assert b"0 cases" in trees
    assert b"3 cases" in mine.get(address, {"kind": "TRUNCATED"}).content


def test_moving_a_threshold_counts_anew_and_writes_nothing(mine, run):
    address = f"/data/runs/{run.pk}/prune/"
    verdicts = Verdict.objects.count()
    lax = preview_pruning(run, Thresholds())
    assert lax.branches == 9
    assert lax.verdicts["RETAINED"] == 3
    fragment = mine.get(address, {"dtc": "0.99"}, headers=HTMX).content.strip()
    assert fragment.startswith(b'<div id="prune-counts"')
    strict = mine.get(address, {"dtc": "0.99"})
    assert strict.context["sheet"].verdicts["RETAINED"] == 0
    assert strict.context["sheet"].branches == 9
    assert strict.context["before"].verdicts["RETAINED"] == 3
    assert Verdict.objects.count() == verdicts
    wrong = mine.get(address, {"dtc": "7"})
    assert wrong.status_code == 200
    assert b"less than or equal to 1" in wrong.content


def test_a_selection_keeps_the_verdicts_of_its_thresholds(mine, run, manager):
    address = f"/data/runs/{run.pk}/"
    values = {"dtc": "0.99", "rac": "0.5", "turn_rac": "0.5", "grounding": "0", "name": "Strict"}
    assert mine.post(f"{address}selections/", values).url == f"{address}prune/"
    selection = Selection.objects.get(name="Strict")
    assert selection.verdicts.count() == 9
    assert selection.verdicts.filter(verdict="RETAINED").count() == 0
    mine.post(f"{address}selections/", {**values, "name": "Strict again"})
    assert not Selection.objects.filter(name="Strict again").exists()
    assert b"Strict" in mine.get(f"{address}prune/").content


def test_a_selection_of_a_run_that_grows_is_refused(mine, waiting_run):
    values = {"dtc": "0.9", "rac": "0.5", "turn_rac": "0.5", "grounding": "0", "name": "Early"}
    assert mine.post(f"/data/runs/{waiting_run.pk}/selections/", values).status_code == 409


def test_the_tree_says_everything_in_words_shape_and_colour(mine, run):
    tree = run.cases.order_by("position")[0]
    page = mine.get(f"/data/trees/{tree.trajectory_id}/").content.decode()
    links = re.findall(r'<a class="turn turn--(\w+)[^"]*"[^>]*id="turn-(\d+)"[^>]*aria-label="([^"]*)"', page)
    looks = {int(seq): (look, title) for look, seq, title in links}
    assert looks[0] == ("root", "Presentation")
    assert looks[1][0] == looks[3][0] == "retained"
    assert looks[4][0] == "truncated"
    assert looks[6][0] == "cut"
    assert looks[7][0] == "not_assessable"
    assert looks[8][0] == "unjudged"
    assert all(title for _, title in looks.values())
    assert page.count("<polygon") >= 1
    assert page.count("<circle") >= 3


def test_a_turn_shows_its_values_rule_and_reasons(mine, run):
    tree = run.cases.order_by("position")[0]
    card = mine.get(f"/data/trees/{tree.trajectory_id}/", {"node": "6"}, headers=HTMX).content.decode()
    assert card.strip().startswith('<div class="tree"')
    assert "A turn away from the truth, at turn 2 (t* = 3)" in card
    assert "The result supports the leading diagnosis." in card
    assert "DTC 0.30" in card
    merged = mine.get(f"/data/trees/{tree.trajectory_id}/", {"node": "8"}).content.decode()
    assert "Not grown on: the same diagnosis as node 7" in merged
    unknown = mine.get(f"/data/trees/{tree.trajectory_id}/", {"node": "7"}).content.decode()
    assert "DTC –" in unknown


@pytest.mark.parametrize("query", [{"node": "99"}, {"node": "x"}, {"node": "2"}, {"node": "9" * 30}])
def test_a_node_that_is_none_shows_a_turn_anyway(mine, run, query):
    tree = run.cases.order_by("position")[0]
    assert mine.get(f"/data/trees/{tree.trajectory_id}/", query).status_code == 200


@pytest.mark.parametrize("selection", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_another_selection_is_another_look(mine, run, manager, selection):
    tree = run.cases.order_by("position")[0]
    address = f"/data/trees/{tree.trajectory_id}/"
    strict, _ = make_selection(run=run, owner=manager, name="Strict", thresholds=Thresholds(dtc=0.99))
    shown = mine.get(address, {"selection": strict.pk}).content
    assert b"turn--retained" not in shown
    assert mine.get(address, {"selection": selection}).status_code == 404


def test_hostile_model_output_is_only_text(mine, run, manager, cases):
    bad = factories.make_grown_run(cases[:1], manager, policy="<script>alert(1)</script>", name="<b>x</b>")
    tree = bad.cases.get()
    for path in (f"/data/runs/{bad.pk}/", f"/data/trees/{tree.trajectory_id}/", "/data/runs/"):
        page = mine.get(path).content
        assert b"<script>alert" not in page
        assert b"<b>x" not in page


def count(client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_pages_cost_the_same_with_a_thousand_cases(mine, manager):
    small = factories.make_grown_run(factories.make_cases(10), manager)
    before = {part: count(mine, f"/data/runs/{small.pk}/{part}") for part in ("", "?kind=RETAINED", "prune/")}
    lists = count(mine, "/data/runs/")
    large = factories.make_grown_run(factories.make_cases(1000), manager)
    after = {part: count(mine, f"/data/runs/{large.pk}/{part}") for part in before}
    assert after == before
    assert count(mine, "/data/runs/") == lists
    assert count(mine, f"/data/trees/{large.cases.last().trajectory_id}/") <= 12
