"""The main job as a newcomer does it: start the demo, log in with what it prints, watch what it offers."""

import re
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import wait_for_truth
from tests.stack_runner.running import RunningStack, wait_until

pytestmark = pytest.mark.model
# Two turns are the shortest work-up with an order in it; the embedded model writes some ten to sixty tokens a second.
HORIZON = "2"
MODEL_SECONDS = 150
# Where nobody has compiled the graph yet, it does so first.
POLICY_SECONDS = 60


@pytest.fixture(scope="module")
def demo():
    # Not pytest's own folder, through which PostgreSQL's account may not pass.
    with tempfile.TemporaryDirectory() as folder, RunningStack(Path(folder) / "data", HORIZON=HORIZON) as running:
        yield running


def sign_in(page: Page, demo: RunningStack) -> None:
    page.goto(demo.address)
    page.get_by_label("User name or email").fill("demo")
    page.get_by_label("Password").fill(demo.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/**")


@pytest.mark.timeout(200)
def test_the_first_choice_is_the_knowledge_graph_policy(chromium, demo):
    assert wait_until(lambda: demo.parts()["policy"]["state"] == "ready", POLICY_SECONDS), demo.output
    page = chromium.new_page()
    page.set_default_timeout(30_000)
    sign_in(page, demo)
    page.locator("main a[href*='/cases/teach-']").first.click()
    expect(page.get_by_label("Knowledge-graph policy")).to_be_checked()
    page.get_by_role("button", name="Watch").click()
    page.wait_for_url("**/sessions/*/")
    wait_for_truth(page, seconds=60)
    transcript = page.locator("#transcript").inner_text()
    assert "Knowledge-graph policy" in transcript
    assert re.search(r"\[?o1\.\d", transcript), "it cites the passages it goes by"
    page.context.close()


@pytest.mark.timeout(400)
def test_the_embedded_model_works_a_case_up(chromium, demo):
    page = chromium.new_page()
    page.set_default_timeout(30_000)
    sign_in(page, demo)
    page.locator("main a[href*='/cases/teach-']").first.click()
    page.get_by_label("untuned demo model").check()
    page.get_by_role("button", name="Watch").click()
    page.wait_for_url("**/sessions/*/")
    expect(page.get_by_role("button", name="Stop").first).to_be_visible()
    wait_for_truth(page, seconds=MODEL_SECONDS)
    transcript = page.locator("#transcript").inner_text()
    assert re.search(r"Turn 1\b", transcript)
    assert "untuned demo model" in transcript
    shown = page.locator("#reveal").inner_text()
    page.reload()
    assert page.locator("#reveal").inner_text() == shown
    page.context.close()
