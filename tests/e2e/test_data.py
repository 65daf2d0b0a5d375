"""The pages of data in a browser: the tree by keyboard, the pages under axe in both themes, a phone, no scripts."""

import re

import pytest
from playwright.sync_api import expect

from datasets.services import steering
from tests.datasets import factories
from tests.e2e.test_accessibility import SIZES, check
from tests.e2e.test_keyboard import tab_to


@pytest.fixture
def manager(stack):
    return factories.make_role(factories.DATA_MANAGER, "dr-data")


@pytest.fixture
def run(manager, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    return factories.make_grown_run(factories.make_cases(3), manager)


def tree_of(run) -> str:
    return f"/data/trees/{run.cases.order_by('position')[0].trajectory_id}/"


def focused(page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_the_tree_by_keyboard(visitor, manager, run):
    page = visitor.open(tree_of(run), manager)
    tab_to(page, "#turn-0", most=80)
    assert focused(page) == "Presentation"
    page.keyboard.press("ArrowDown")
    assert "retained" in focused(page)
    page.keyboard.press("ArrowRight")
    assert "truncated branch" in focused(page)
    page.keyboard.press("ArrowDown")
    assert "cut off" in focused(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Turn 2")).to_be_visible()
    expect(page.locator("#card")).to_contain_text("A turn away from the truth, at turn 2")
    # The picture was drawn anew; the focus is where it was.
    assert "cut off" in focused(page)
    assert "node=6" in page.url
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Turn 1")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Turn 2")).to_be_visible()


def test_the_tree_without_scripts(visitor, manager, run):
    page = visitor.open(tree_of(run), manager, java_script_enabled=False)
    page.locator("#turn-3").click()
    expect(page.locator("#card")).to_contain_text("Every turn sound, the right end")


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_data(visitor, manager, run, size):
    page = visitor.open("/data/runs/", manager, viewport=SIZES[size])
    check(page, "runs")
    base = f"/data/runs/{run.pk}/"
    for path in ("/data/runs/new/", base, f"{base}prune/", tree_of(run), f"{tree_of(run)}?node=6"):
        page.goto(page.url.split("/data/")[0] + path)
        check(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], path
    version = factories.make_export(run, b"{}").version
    for path in ("/data/imports/", "/data/imports/new/", "/data/versions/", f"/data/versions/{version.pk}/"):
        page.goto(page.url.split("/data/")[0] + path)
        check(page, path)


def test_thresholds_move_the_counts_at_once(visitor, manager, run):
    page = visitor.open(f"/data/runs/{run.pk}/prune/", manager)
    retained = page.locator("#prune-counts tr", has_text="Retained")
    expect(retained.locator("td").first).to_have_text("3")
    page.get_by_label("DTC at least").fill("0.99")
    expect(retained.locator("td").first).to_have_text("0")
    expect(page).to_have_url(re.compile("dtc=0.99"))


def test_progress_is_rung_and_a_cancel_is_confirmed(visitor, manager, stack, settings):
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    waiting = factories.make_run(factories.make_cases(2), manager)
    page = visitor.open(f"/data/runs/{waiting.pk}/", manager)
    expect(page.locator("#run-state")).to_contain_text("Waiting for a worker")
    page.wait_for_timeout(1500)
    steering.pause_run(run=waiting)
    expect(page.locator("#run-state")).to_contain_text("Paused", timeout=5_000)
    page.get_by_text("Cancel …").click()
    page.get_by_role("button", name="Cancel the run for good").click()
    expect(page.locator("#run-state")).to_contain_text("Cancelled")
