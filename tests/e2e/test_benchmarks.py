"""Benchmarks in a browser: run, leaderboard, a cell's results, a path, and its way into the review queue."""

import re

import pytest
from playwright.sync_api import expect

from datasets.models import BenchmarkRun
from datasets.services import steering
from review.models import ReviewItem
from tests.datasets import factories
from tests.datasets.bench_runs import copies, make_done_run
from tests.e2e.test_accessibility import SIZES, check
from tests.e2e.test_data import manager as manager


@pytest.fixture
def benchmark(manager, settings, stack, graph):
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    return factories.make_benchmark(copies(3), manager, name="Three cases")


@pytest.mark.parametrize("size", SIZES)
def test_from_a_run_to_the_review_queue(visitor, manager, benchmark, size, stack):
    make_done_run(benchmark, manager, policy="anchored")
    page = visitor.open("/data/benchmarks/", manager, viewport=SIZES[size])

    def look(what: str) -> None:
        check(page, what)
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], what

    look("benchmarks")
    page.get_by_role("link", name="Three cases").click()
    page.get_by_role("link", name="Run it").click()
    look("a new run")
    page.get_by_label("Random tests and diagnoses").check()
    page.get_by_role("button", name="Start the run").click()
    expect(page.locator("#run-state")).to_contain_text("Waiting for a worker")
    look("a run that waits")
    steering.cancel_run(run=BenchmarkRun.objects.get(state="QUEUED"))
    other = make_done_run(benchmark, manager, policy="random")
    page.goto(f"{stack.url}/data/benchmarks/three-cases/")
    look("the leaderboard")
    page.get_by_label("Compare Anchored").check()
    page.get_by_label("Compare Random").check()
    page.get_by_role("button", name="Compare the ticked rows").click()
    expect(page.get_by_role("heading", name=re.compile("Anchored and Random|Random and Anchored"))).to_be_visible()
    look("two runs compared")
    page.go_back()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Random", exact=True))
    row.get_by_role("link", name=re.compile("Top 1 of Random")).click()
    expect(page).to_have_url(re.compile("kind=RIGHT"))
    expect(page.locator("#result-list")).to_contain_text("No result of this run is like that.")
    page.get_by_label("That are").select_option("")
    expect(page.locator("#result-list")).to_contain_text("3 results")
    look("results")
    page.get_by_label(re.compile("^Choose")).first.check()
    page.get_by_label("Why should people look at them?").fill("It asked for nothing that helps")
    page.get_by_role("button", name="Send the ticked").click()
    expect(page.get_by_text("1 result sent to the review queue.")).to_be_visible()
    expect(page.locator("#result-list .row").first).to_contain_text("In review")
    assert ReviewItem.objects.get().trajectory_id == other.results.order_by("position")[0].trajectory_id
    page.locator("#result-list .row a").first.click()
    expect(page.get_by_role("heading", name="Where the truth stood")).to_be_visible()
    look("a path")
    page.get_by_role("link", name="Next result").click()
    expect(page.get_by_role("link", name="Previous result")).to_be_visible()
