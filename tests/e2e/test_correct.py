"""A turn is put right in a browser, the model goes on in the real worker, and what comes of it is accepted."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from review.models import Correction
from review.selectors.corrections import list_accepted_corrections
from review.services.claiming import claim_item
from tests.e2e.conftest import QUICK
from tests.e2e.test_accessibility import SIZES, check
from tests.e2e.test_review import annotator as annotator
from tests.review import factories

WORKER_MS = 60_000


@pytest.fixture
def judged(annotator):
    """An item in its second look, with every turn called wrong."""
    item = factories.make_item(factories.make_trajectory(4, model=QUICK))
    claim_item(user=annotator.user)
    factories.judge_rest(annotator, item, -1)
    return item


def tab_to(page: Page, goal: Locator) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if goal.evaluate("(each) => each === document.activeElement"):
            return
    raise AssertionError(f"{goal} is not reached by Tab")


def wait_until_saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"^saved \d\d:\d\d"))


def test_a_turn_is_corrected_and_re_run_by_keyboard(visitor, annotator, judged):
    page = visitor.open(f"/review/items/{judged.pk}/", annotator.user)
    expect(page.get_by_role("heading", name="The truth")).to_be_visible()
    page.keyboard.press("r")
    page.wait_for_url("**/review/corrections/*/", wait_until="load")
    reasoning = page.get_by_label("Reasoning", exact=True)
    expect(reasoning).to_be_focused()
    check(page, "correcting a turn")
    page.keyboard.press("Control+a")
    page.keyboard.type("Weakness that varies over the day wants antibodies.")
    tab_to(page, page.locator("[name=name_2]"))
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[name=name_1]")).to_have_value("Migraine")
    wait_until_saved(page)
    expect(page.locator("[data-diff] ins").first).to_contain_text("Weakness that varies")
    page.reload()
    expect(reasoning).to_be_focused()
    expect(reasoning).to_have_value("Weakness that varies over the day wants antibodies.")
    expect(page.locator("[name=name_1]")).to_have_value("Migraine")
    tab_to(page, page.get_by_label("Up to three tests"))
    page.keyboard.press("Backspace")
    page.keyboard.type("Vital signs")
    page.keyboard.press("Enter")
    expect(page.locator(".chips li")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-problems]")).to_contain_text("a reason is required")
    check(page, "what is missing in a correction")
    tab_to(page, page.get_by_label("Why you correct it"))
    page.keyboard.type("Nothing asked for the course of the weakness.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-rerun-state]")).to_contain_text("Diagnosis given", timeout=WORKER_MS)
    check(page, "what came of a correction")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys for correcting")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.get_by_text("Accepted on")).to_be_visible()
    (row,) = list_accepted_corrections()
    assert (row.turn_number, row.rejected_label, row.reviewer) == (2, -1, annotator.alias)
    assert '"Vital signs"' in row.chosen
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]


def test_on_a_phone(visitor, annotator, judged):
    page = visitor.open(f"/review/items/{judged.pk}/", annotator.user, viewport=SIZES["phone"], has_touch=True)
    page.locator("details.second > summary").nth(1).tap()
    page.locator("details.second [data-correct]").nth(1).tap()
    page.wait_for_url("**/review/corrections/*/", wait_until="load")
    page.locator("[name=name_1]").fill("Myasthenia gravis")
    page.locator("[data-row] [data-move='1']").first.tap()
    expect(page.locator("[name=name_2]")).to_have_value("Myasthenia gravis")
    page.get_by_label("Why you correct it").fill("It was never considered.")
    check(page, "correcting on a phone")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("button", name="Re-run from here").tap()
    expect(page.locator("[data-rerun-state]")).to_contain_text("Diagnosis given", timeout=WORKER_MS)
    check(page, "what came of it on a phone")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("button", name="Accept").tap()
    expect(page.get_by_text("Accepted on")).to_be_visible()
    assert Correction.objects.get().state == Correction.State.ACCEPTED
