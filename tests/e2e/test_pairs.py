"""Comparing two in a browser: by keyboard on a desk, by touch on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from review.models import PairDraft, Preference
from tests.e2e.test_accessibility import SIZES, check
from tests.review import factories, pairs


@pytest.fixture
def annotator(stack, settings):
    settings.REVIEW = {**settings.REVIEW, "UNIFORM_SHARE": 0.0}
    return factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR, "dr-compares"))


@pytest.fixture
def made(annotator):
    """Three, in the order in which they are served."""
    return [pairs.make_siblings(priority=2), pairs.make_rivals(priority=1), pairs.make_siblings()]


def take_next(page: Page) -> Page:
    page.get_by_role("button", name="Take the next pair").click()
    page.wait_for_url("**/review/pairs/*-*/", wait_until="load")
    return page


def press_and_go(page: Page, key: str, pair) -> None:
    """An answer or a step back, and the page of ``pair`` with its scripts."""
    page.keyboard.press(key)
    page.wait_for_url(f"**/review/pairs/{pair.pk}/", wait_until="load")


def test_a_desk_by_keyboard(visitor, annotator, made):
    page = take_next(visitor.open("/review/pairs/", annotator.user, viewport=SIZES["desktop"]))
    press_and_go(page, "1", made[1])
    press_and_go(page, "Backspace", made[0])
    expect(page.get_by_role("heading", name="You answered: A is better")).to_be_visible()
    press_and_go(page, "4", made[1])
    page.keyboard.press("a")
    expect(page.locator("[name=reasons][value=anchoring]")).to_be_checked()
    page.keyboard.press("l")
    page.keyboard.press("n")
    expect(page.locator("#comment")).to_be_focused()
    page.keyboard.type("1 and 2 are words here.")
    page.keyboard.press("Escape")
    expect(page.locator("#comment")).not_to_be_focused()
    press_and_go(page, "2", made[2])
    page.keyboard.press("3")
    page.wait_for_url("**/review/pairs/", wait_until="load")
    expect(page.get_by_text("There is no pair for you to compare now")).to_be_visible()
    latest = {each.pair_id: each for each in Preference.objects.filter(superseded_by__isnull=True)}
    assert [latest[pair.pk].choice for pair in made][::2] == ["BOTH_BAD", "TIE"]
    reasoned = latest[made[1].pk]
    assert (reasoned.choice, reasoned.left) in {("FIRST", "SECOND"), ("SECOND", "FIRST")}
    assert (reasoned.reasons, reasoned.confidence, reasoned.comment) == (["anchoring"], 2, "1 and 2 are words here.")
    check(page, "pairs answered")
    page.get_by_role("link", name="Review", exact=True).first.click()
    page.wait_for_url("**/review/")


def test_a_phone_by_touch(visitor, annotator, made):
    page = take_next(visitor.open("/review/pairs/", annotator.user, viewport=SIZES["phone"]))
    check(page, "a pair")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    boxes = [page.locator(f"[aria-labelledby=way-{letter}]").bounding_box() for letter in "AB"]
    assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]
    page.get_by_text("Say why, before you answer").click()
    page.get_by_label("Comment").fill("Long. " * 34_000)
    expect(page.locator("[data-saved]")).to_contain_text("at most 20,000 fit")
    page.get_by_label("Comment").fill("Written on the way.")
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"^\s*saved \d"))
    check(page, "a pair with a comment")
    assert PairDraft.objects.get().answer["comment"] == "Written on the way."
    page.get_by_role("button", name="B is better").click()
    page.wait_for_url(f"**/review/pairs/{made[1].pk}/", wait_until="load")
    assert Preference.objects.get().comment == "Written on the way."
    page.goto(page.url.replace(str(made[1].pk), str(made[0].pk)))
    page.get_by_role("button", name="Show the truth").click()
    expect(page.get_by_role("heading", name="The truth")).to_be_visible()
    check(page, "a pair with the truth")
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]
