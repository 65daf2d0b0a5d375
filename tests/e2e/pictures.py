"""What ``tests.e2e.screenshots`` keeps. The test suite does not collect this module."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from diagnosis.services import import_cases
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases
from tests.e2e.conftest import QUICK, SCRIPT
from tests.e2e.steps import wait_for_truth, wait_for_words
from tests.stack.tidy import NORMAL

FOLDER = Path(__file__).resolve().parents[2] / "screenshots"
LOOKS = {
    "desktop-light": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"},
    "desktop-dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "phone-light": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "device_scale_factor": 2},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "device_scale_factor": 2},
}


@pytest.fixture
def cases(stack):
    rows = [CaseRow(line, case) for line, case in enumerate(load_teaching_cases(), start=1)]
    assert not import_cases(rows=rows).errors


@pytest.mark.parametrize("look", LOOKS)
def test_pictures(visitor, owner, case, cases, stack, browse, look):
    FOLDER.mkdir(exist_ok=True)
    reader = browse(owner)

    def keep(page: Page, name: str, *, whole: bool = False) -> None:
        # Hiding the caret would need a style that the policy refuses.
        page.screenshot(path=FOLDER / f"{name}-{look}.png", full_page=whole, caret="initial")

    def start(model_key: str) -> None:
        page.goto(stack.url + reader.watch(case, model_key).headers["Location"])

    keep(visitor.open("/accounts/login/", **LOOKS[look]), "login")
    page = visitor.open("/cases/", owner, **LOOKS[look])
    keep(page, "cases")
    page.goto(stack.url + "/cases/?q=zzz")
    keep(page, "cases-none")
    page.goto(stack.url + f"/cases/{case.slug}/")
    keep(page, "case")
    start(SCRIPT)
    wait_for_words(page, 300)
    keep(page, "live-first-turn")
    expect(page.locator("#r2")).to_be_visible(timeout=30_000)
    wait_for_words(page, 200)
    keep(page, "live-second-turn")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()
    keep(page, "stopped")
    start(QUICK)
    wait_for_truth(page)
    keep(page, "revealed")
    keep(page, "revealed-whole", whole=True)
    if look.startswith("phone"):
        page.locator("[data-board-toggle]").click()
        keep(page, "board-open")
    drive_a_case(page, stack.url + f"/cases/{case.slug}/", keep)
    stack.upstream.control("default", {**NORMAL, "mode": "hang_mid"})
    start("openai:fake")
    expect(page.get_by_text("Everything before it is saved.")).to_be_visible()
    keep(page, "error")
    page.goto(stack.url + "/sessions/")
    keep(page, "my-walkthroughs")
    page.goto(stack.url + "/sessions/00000000-0000-0000-0000-000000000000/")
    keep(page, "missing")
    visitor.complaints = [each for each in visitor.complaints if "404" not in each and "422" not in each]


def drive_a_case(page: Page, case_page: str, keep: Callable[..., None]) -> None:
    """The same case by hand: while a turn is written, with an error, after it, and beside the policy's path."""
    page.goto(case_page)
    page.get_by_role("button", name="Solve it yourself").click()
    page.wait_for_url("**/sessions/*/")
    keep(page, "drive-begin", whole=True)
    page.locator("[name=name_1]").fill("Acute aortic dissection")
    page.locator("[name=percent_1]").fill("60")
    page.locator("[name=supporting_1]").fill("1 2")
    page.locator("[name=name_2]").fill("Pulmonary embolism")
    page.locator("[name=percent_2]").fill("70")
    for order in ("Vital signs", "CBC and CRP"):
        page.get_by_label("Order up to three tests").fill(order)
        page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-problems]")).to_be_focused()
    keep(page, "drive-error")
    page.locator("[name=percent_2]").fill("20")
    page.get_by_label("Order up to three tests").press_sequentially("ct ang")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    keep(page, "drive-names")
    page.keyboard.press("Escape")
    page.get_by_label("Order up to three tests").fill("")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#r2")).to_be_focused()
    keep(page, "drive-results")
    keep(page, "drive-results-whole", whole=True)
    page.get_by_role("button", name="Commit").click()
    expect(page.locator("#reveal")).to_be_visible()
    keep(page, "drive-revealed")
    expect(page.locator("#comparison .round").first).to_be_visible(timeout=90_000)
    page.locator("#comparison").evaluate("section => section.scrollIntoView()")
    keep(page, "drive-compared")
    keep(page, "drive-compared-whole", whole=True)
