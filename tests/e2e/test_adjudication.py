"""Deciding between reviewers in a browser by keyboard alone, and the figures of agreement on a phone; under axe."""

import pytest
from playwright.sync_api import expect

from review.models import Adjudication, AgreementReport
from tests.datasets.factories import DATA_MANAGER
from tests.e2e.test_accessibility import SIZES, check
from tests.review import factories
from tests.review.test_adjudicating import disputed


@pytest.fixture
def adjudicator(stack, settings):
    settings.REVIEW = {**settings.REVIEW, "UNIFORM_SHARE": 0.0, "GOLD_SHARE": 0.0}
    return factories.make_role(factories.ADJUDICATOR, "dr-decides")


def test_deciding_by_keyboard(visitor, adjudicator, stack):
    reviewers = [factories.make_reviewer() for _ in range(2)]
    item = disputed(reviewers, (1, -1), trajectory=factories.make_trajectory(3))
    page = visitor.open("/review/adjudication/", adjudicator)
    check(page, "queue of adjudication")
    page.get_by_role("link", name=item.trajectory.case.title).focus()
    page.keyboard.press("Enter")
    # With its scripts, so that the first key is heard.
    page.wait_for_url(f"**/{item.pk}/", wait_until="load")
    check(page, "an item with two judgements")
    page.keyboard.press("j")
    expect(page.locator("#turn-2")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#turn-3")).to_be_focused()
    page.keyboard.press("b")
    expect(page.locator('[data-letter="b"]')).to_be_checked()
    page.keyboard.press("n")
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.type("1 and a are words here.")
    page.keyboard.press("Escape")
    expect(page.locator("#note")).not_to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-problems]")).to_contain_text("Choose why they disagreed")
    expect(page.locator("[data-problems]")).to_be_focused()
    page.keyboard.press("5")
    expect(page.locator('[data-cause="5"]')).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_text("the judgement of Rater B counts")).to_be_visible()
    check(page, "a decided item")
    made = Adjudication.objects.get()
    assert (made.cause, made.note, made.by) == ("KNOWLEDGE", "1 and a are words here.", adjudicator)
    page.goto(f"{stack.url}/review/guideline/")
    check(page, "the guideline")
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]


@pytest.fixture
def growth(stack):
    """The worker of what takes long, running."""
    stack.growth.start()
    yield
    stack.growth.kill()


def test_figures_on_a_phone(visitor, stack, growth):
    """Asked for on the page, worked out by the worker, shown by itself."""
    reviewers = [factories.make_reviewer() for _ in range(2)]
    for labels in ((1, -1), (0, 0)):
        disputed(reviewers, labels, trajectory=factories.make_trajectory(2))
    manager = factories.make_role(DATA_MANAGER, "dr-manages")
    page = visitor.open("/review/agreement/", manager, viewport=SIZES["phone"])
    check(page, "no figures yet")
    page.get_by_role("button", name="Work them out now").click()
    expect(page.get_by_role("heading", name="By question")).to_be_visible(timeout=60_000)
    report = AgreementReport.objects.get()
    alpha = report.figures["questions"][0]["alpha"]["value"]
    expect(page.get_by_role("row", name="Step label")).to_contain_text(f"{alpha:.2f} (")
    expect(page.get_by_role("table").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    check(page, "figures of agreement")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("agreement-")
