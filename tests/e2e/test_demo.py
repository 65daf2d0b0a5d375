"""The main job as a newcomer does it: start the demo, log in with what it prints, watch the embedded model."""

import re
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import wait_for_truth
from tests.stack_runner.running import RunningStack

pytestmark = pytest.mark.model
# Two turns are the shortest work-up with an order in it; the embedded model writes some ten to sixty tokens a second.
HORIZON = "2"
MODEL_SECONDS = 150


@pytest.fixture
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


@pytest.mark.timeout(400)
def test_the_embedded_model_works_a_case_up(chromium, demo):
    page = chromium.new_page()
    page.set_default_timeout(30_000)
    sign_in(page, demo)
    page.locator("main a[href*='/cases/teach-']").first.click()
    expect(page.locator("main")).to_contain_text("untuned demo model")
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
