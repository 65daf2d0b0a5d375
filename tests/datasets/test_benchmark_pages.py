"""The pages of benchmarks: without a script, as fragments, and with as many queries for a thousand results as for
ten."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.models import Benchmark, BenchmarkRun
from diagnosis.models import Case
from review.models import ReviewItem
from tests.datasets import factories
from tests.datasets.bench_runs import copies, make_done_run

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def mine(client_of, manager, nowhere):
    return client_of(manager)


@pytest.fixture
def benchmark(manager):
    return factories.make_benchmark(copies(3), manager)


@pytest.fixture
def done(benchmark, manager, graph):
    return make_done_run(benchmark, manager, policy="kg")


def test_a_benchmark_is_made_once_of_the_cases_that_match(mine, cases):
    shown = mine.get("/data/benchmarks/new/", {"limit": "2"}, headers=HTMX).content
    assert b"2 cases will be asked" in shown
    form = {"name": "Two cases", "description": "For a look.", "horizon": "4", "limit": "2"}
    page = mine.post("/data/benchmarks/new/", form)
    assert page.url == "/data/benchmarks/two-cases/"
    benchmark = Benchmark.objects.get()
    assert (benchmark.case_count, benchmark.protocol) == (2, {"horizon": 4, "menu_visible": False})
    assert mine.post("/data/benchmarks/new/", {**form, "name": "Again"}).url == page.url
    assert b"are a benchmark already" in mine.get(page.url).content
    assert Benchmark.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"name": ""}, {"horizon": "0"}, {"limit": "x"}, {"q": "zzzz"}, {"name": "new"}])
def test_what_makes_no_sense_is_told_and_makes_nothing(mine, cases, wrong):
    page = mine.post("/data/benchmarks/new/", {"name": "Two", "horizon": "5", **wrong})
    assert (page.status_code, b"There is a problem" in page.content) == (422, True)
    assert not Benchmark.objects.exists()


def test_a_run_is_started_once_from_the_form(mine, benchmark, graph):
    address = f"/data/benchmarks/{benchmark.key}/runs/new/"
    form = {"policy": "kg", "way": "active", "seed": "2", "samples": "1", "temperature": ""}
    page = mine.post(address, form)
    run = BenchmarkRun.objects.get()
    assert page.url == f"/data/benchmark-runs/{run.pk}/"
    assert (run.policy, run.policy_label, run.seed, run.result_count) == ("kg", "Knowledge graph", 2, 3)
    assert run.settings["horizon"] == 5
    assert run.chunks.count() == 1
    assert mine.post(address, form).url == page.url
    assert b"The same run was made before" in mine.get(page.url).content
    mine.post(address, {**form, "way": "static"})
    assert BenchmarkRun.objects.filter(settings__static=True).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy": "nonsense"},
        {"policy": ""},
        {"way": "both"},
        {"seed": "-1"},
        {"samples": "2"},
        {"temperature": "nan"},
        {"regret": "on", "way": "static"},
    ],
)
def test_a_run_that_makes_no_sense_is_told(mine, benchmark, graph, wrong):
    form = {"policy": "kg", "way": "active", "seed": "2", "samples": "1", "temperature": ""}
    page = mine.post(f"/data/benchmarks/{benchmark.key}/runs/new/", {**form, **wrong})
    assert (page.status_code, b"There is a problem" in page.content) == (422, True)
    assert not BenchmarkRun.objects.exists()


def test_the_leaderboard_says_every_figure_with_interval_and_n(mine, benchmark, done, manager):
    make_done_run(benchmark, manager, policy="random")
    waiting = factories.make_bench_run(benchmark, manager, policy_label="Still waiting")
    page = mine.get(f"/data/benchmarks/{benchmark.key}/").content.decode()
    rows = re.findall(r'<th scope="row">\s*<input[^>]+>\s*<a href="([^"]+)">([^<]+)</a>', page)
    assert rows[0] == (f"/data/benchmark-runs/{done.pk}/", "Kg")
    assert rows[1][1] == "Random"
    top1 = done.report["figures"]["top1"]
    assert f"{100 * top1['value']:.1f} %" in page
    assert f"{100 * top1['ci'][0]:.1f} % to {100 * top1['ci'][1]:.1f} %" in page
    assert f"/data/benchmark-runs/{done.pk}/?kind=RIGHT#results" in page
    assert page.count("shown from 30 on") == 2
    assert done.graph_hash[:8] in page
    assert str(waiting.pk) in page
    runs = mine.get(f"/data/benchmarks/{benchmark.key}/", headers=HTMX).content.decode().strip()
    assert runs.startswith('<section id="all-runs"')
    assert "Still waiting" in runs
    assert "leaderboard" not in runs


def test_a_cell_leads_to_its_results_and_a_result_to_its_path(mine, done):
    address = f"/data/benchmark-runs/{done.pk}/"
    right = done.results.filter(outcome="RIGHT").order_by("position")
    page = mine.get(address, {"kind": "RIGHT"})
    assert [row.pk for row in page.context["page"]] == [row.pk for row in right]
    assert len(mine.get(address, {"kind": "WRONG"}).context["page"]) + right.count() == 3
    assert len(mine.get(address, {"q": "copy-0001"}).context["page"]) == 1
    said = right[0].record["given"]
    assert right[0] in list(mine.get(address, {"q": said}).context["page"])
    path = mine.get(f"/data/benchmark-results/{right[0].trajectory_id}/").content.decode()
    assert "Presentation" in path
    assert right[0].record["truth"] in path
    assert f"Turn {right[0].record['turns']}" in path
    assert "Where the truth stood" in path
    assert path.count('rel="prev"') + path.count('rel="next"') == 1 + (right[0].position == 1)


def test_the_state_and_the_results_come_as_fragments(mine, done):
    address = f"/data/benchmark-runs/{done.pk}/"
    state = mine.get(address, headers={**HTMX, "HX-Target": "run-state"}).content.strip()
    assert state.startswith(b'<div id="run-state"')
    results = mine.get(address, {"kind": "FAILED"}, headers={**HTMX, "HX-Target": "result-list"}).content.strip()
    assert results.startswith(b'<div id="result-list"')
    assert b"0 results" in results


def test_the_report_is_the_librarys_with_every_record(mine, done):
    answer = mine.get(f"/data/benchmark-runs/{done.pk}/report.json")
    report = json.loads(answer.content)
    assert report["n"] == len(report["cases"]) == 3
    assert report["top1"] == done.report["top1"]
    assert "attachment" in answer["Content-Disposition"]
    page = mine.get(f"/data/benchmark-runs/{done.pk}/report.html")
    assert page.content.startswith(b"<!doctype html>")
    assert b"copy-0002" in page.content


def test_there_is_no_report_before_there_are_results(mine, benchmark, manager):
    run = factories.make_bench_run(benchmark, manager)
    assert mine.get(f"/data/benchmark-runs/{run.pk}/report.html").status_code == 404


def test_a_run_is_steered(mine, benchmark, manager):
    run = factories.make_bench_run(benchmark, manager)
    address = f"/data/benchmark-runs/{run.pk}/"
    assert b"Pause the run" in mine.get(address).content
    assert mine.post(f"{address}pause").url == address
    assert b"Go on with the run" in mine.get(address).content
    assert mine.post(f"{address}pause").status_code == 409
    assert mine.post(f"{address}resume").url == address
    assert mine.post(f"{address}cancel").url == address
    run.refresh_from_db()
    assert run.state == "CANCELLED"
    assert mine.post(f"{address}resume").status_code == 409


def test_an_auditor_sees_everything_and_no_buttons(client_of, benchmark, manager):
    run = factories.make_bench_run(benchmark, manager)
    auditor = client_of(factories.make_role(factories.AUDITOR))
    for path in ("/data/benchmarks/", f"/data/benchmarks/{benchmark.key}/", f"/data/benchmark-runs/{run.pk}/"):
        page = auditor.get(path).content
        assert b"/new/" not in page
        assert b"/cancel" not in page


def test_two_runs_are_compared_case_by_case(mine, benchmark, done, manager):
    other = make_done_run(benchmark, manager, policy="random")
    address = f"/data/benchmarks/{benchmark.key}/compare/"
    page = mine.get(address, {"run": [done.pk, other.pk]})
    pair = page.context["pairs"][0]
    assert (pair.first, pair.second, pair.n) == (done, other, 3)
    top1 = pair.rows[0]
    right = [sum(run.results.filter(outcome="RIGHT").count() for run in (one,)) for one in (done, other)]
    assert top1.difference == f"+{100 * (right[0] - right[1]) / 3:.1f} points"
    assert (top1.only_first, top1.only_second) == (right[0] - right[1], 0)
    assert 0 < float(top1.p) <= float(top1.holm) <= 1
    assert b"McNemar" in page.content
    for chosen, told in (
        ([done.pk], b"two runs or more"),
        ([], b"two runs or more"),
        (["x' OR 1", done.pk], b"two runs or more"),
        ([done.pk, other.pk, *(make_done_run(benchmark, manager, seed=n).pk for n in (7, 8, 9))], b"at most 4"),
    ):
        page = mine.get(address, {"run": chosen})
        assert (page.status_code, told in page.content.lower()) == (422, True), chosen


def test_failures_are_sent_to_review_once(mine, done, manager):
    address = f"/data/benchmark-runs/{done.pk}/"
    wrong = make_done_run(done.benchmark, manager, policy="random").results.order_by("position")
    address = f"/data/benchmark-runs/{wrong[0].run_id}/"
    page = mine.post(f"{address}review", {"result": wrong[0].pk, "reason": "Why this test?", "kind": "", "q": ""})
    assert page.url == f"{address}?#results"
    item = ReviewItem.objects.get()
    assert (item.trajectory_id, item.leaf_seq) == (wrong[0].trajectory_id, wrong[0].leaf_seq)
    assert (item.source, item.reason) == ("BENCHMARK", f"{wrong[0].get_outcome_display()}: Why this test?")
    again = mine.post(f"{address}review", {"all": "1", "reason": "The rest", "q": "copy"}, follow=True)
    assert b"2 results sent to the review queue." in again.content
    assert again.content.count(b"In review") == 3
    assert b"0 results sent" in mine.post(f"{address}review", {"all": "1", "reason": "All"}, follow=True).content
    assert ReviewItem.objects.count() == 3


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"all": "1"}, b"Say why"),
        ({"reason": "None is ticked"}, b"Tick at least one"),
        ({"reason": "Not a number", "result": "x"}, b"Nothing was sent"),
    ],
)
def test_what_cannot_be_sent_to_review_is_told(mine, done, form, told):
    page = mine.post(f"/data/benchmark-runs/{done.pk}/review", form, follow=True)
    assert told in page.content
    assert not ReviewItem.objects.exists()


def test_results_of_another_run_are_not_sent(mine, done, manager):
    other = make_done_run(done.benchmark, manager, policy="random").results.all()[0]
    mine.post(f"/data/benchmark-runs/{done.pk}/review", {"result": other.pk, "reason": "Mistaken"})
    assert not ReviewItem.objects.exists()


def test_hostile_words_are_only_text(mine, benchmark, manager, graph):
    hostile = "<script>alert(1)</script>"
    Case.objects.update(title=f"<b>{hostile}</b>")
    Benchmark.objects.update(name=hostile, description=hostile)
    run = make_done_run(benchmark, manager, policy_label=hostile)
    row = run.results.order_by("position")[0]
    for path in (
        "/data/benchmarks/",
        f"/data/benchmarks/{benchmark.key}/",
        f"/data/benchmarks/{benchmark.key}/cases/",
        f"/data/benchmark-runs/{run.pk}/",
        f"/data/benchmark-results/{row.trajectory_id}/",
    ):
        page = mine.get(path)
        assert page.status_code == 200
        assert b"<script>alert" not in page.content
        assert b"<b>" not in page.content


def count(client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_pages_cost_the_same_with_a_thousand_results(mine, manager, graph):
    small = make_done_run(factories.make_benchmark(copies(10), manager), manager)
    parts = ("", "?kind=WRONG", "?q=copy")
    before = {part: count(mine, f"/data/benchmark-runs/{small.pk}/{part}") for part in parts}
    board = count(mine, f"/data/benchmarks/{small.benchmark.key}/")
    large = make_done_run(factories.make_benchmark(copies(1000), manager, name="Large"), manager)
    assert {part: count(mine, f"/data/benchmark-runs/{large.pk}/{part}") for part in parts} == before
    assert count(mine, f"/data/benchmarks/{large.benchmark.key}/") == board
    assert count(mine, f"/data/benchmark-results/{large.results.last().trajectory_id}/") <= 10
    lists = count(mine, "/data/benchmarks/")
    for number in range(5):
        make_done_run(small.benchmark, manager, seed=number + 10)
    assert count(mine, "/data/benchmarks/") == lists
    assert count(mine, f"/data/benchmarks/{small.benchmark.key}/") == board
