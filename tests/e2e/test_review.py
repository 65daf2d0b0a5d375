"""Judging in a browser: by keyboard, offline, signed out, in two windows, without scripts, under axe."""

import re

import pytest
from django.contrib.sessions.models import Session as LoginSession
from playwright.sync_api import Page, expect

from review.models import Annotation, Draft, Reservation
from tests.e2e.test_accessibility import SIZES, check
from tests.review import factories

AIM_KEYS = 12
NO_CONNECTION = ("ERR_INTERNET_DISCONNECTED", "htmx:", "Failed to fetch")


@pytest.fixture
def annotator(stack, settings):
    settings.REVIEW = {**settings.REVIEW, "UNIFORM_SHARE": 0.0, "GOLD_SHARE": 0.0}
    user = factories.make_role(factories.ANNOTATOR, "dr-judges")
    return factories.make_reviewer_of(user)


@pytest.fixture
def item(stack):
    return factories.make_item(factories.make_trajectory(5))


@pytest.fixture
def claimed(visitor, annotator, item) -> Page:
    """The page of an item, asked for by its button."""
    return take_next(visitor.open("/review/", annotator.user))


def take_next(page: Page) -> Page:
    page.get_by_role("button", name="Take the next item").click()
    # With its scripts, so that the first key is heard.
    page.wait_for_url("**/review/items/*/", wait_until="load")
    return page


def saved_comment(number: int = 2) -> str:
    return Draft.objects.get().labels.get("turns", {}).get(str(number), {}).get("comment", "")


def wait_until_saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"^saved \d\d:\d\d"))


def test_five_turns_in_twelve_keys(claimed, item):
    """Two good turns, one wrong with its kind and harm, two good ones, both questions, and the second look."""
    page = claimed
    keys = ["1", "1", "-", "a", "h", "Enter", "1", "1", "1", "c", "Enter"]
    for key in keys:
        # Without a pause: what is pressed while the next turn is on its way is meant for it.
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="The truth")).to_be_visible()
    keys.append("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/")
    assert len(keys) <= AIM_KEYS
    first, second = Annotation.objects.order_by("revision")
    labels = {number: turn["label"] for number, turn in second.labels["turns"].items()}
    assert labels == {"2": 1, "3": 1, "4": -1, "5": 1, "6": 1}
    wrong = first.labels["turns"]["4"]
    assert (wrong["errors"], wrong["harm"]) == (["anchoring"], 1)
    assert second.labels["trajectory"]["answers"] == {"conclusion": "follows", "teach": "with_comments"}
    assert not any(turn["hindsight"] for turn in first.labels["turns"].values())


def test_keys_for_everything_else(claimed, visitor):
    page = claimed
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys for judging")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.keyboard.press("w")
    page.keyboard.press("l")
    page.keyboard.press("n")
    page.keyboard.type("1 and - are words here.")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator("[data-problems]")).to_contain_text("how much harm")
    expect(page.locator("[data-problems]")).to_be_focused()
    page.keyboard.press("h")
    page.keyboard.press("Enter")
    expect(page.locator(".annotate__judge h2")).to_have_text(re.compile("Turn 2"))
    page.keyboard.press("Backspace")
    expect(page.locator("#t2-comment")).to_have_value("1 and - are words here.")
    page.keyboard.press("u")
    expect(page.locator(".annotate__judge h2")).to_have_text(re.compile("Turn 2"))
    turn = Draft.objects.get().labels["turns"]["2"]
    assert (turn["label"], turn["hindsight"], turn["errors"]) == (None, True, ["ungrounded_order"])
    # The page takes its reader to the turn once it has settled; a key pressed before would be lost on the way.
    expect(page.locator("#transcript [data-block]").last).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#r2")).to_be_focused()
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]


def test_two_minutes_without_a_connection_lose_nothing(visitor, annotator, item):
    context = visitor.context(annotator.user)
    page = visitor.open("/review/", context=context)
    page.clock.install()
    take_next(page)
    context.set_offline(True)
    page.keyboard.press("n")
    page.keyboard.type("Written in the lift.")
    expect(page.locator("[data-saved]")).to_contain_text("No connection")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#request-error")).to_be_visible()
    page.clock.run_for(120_000)
    expect(page.locator("#t2-comment")).to_have_value("Written in the lift.")
    address = page.url
    # The window is closed meanwhile, and opened again when there is a connection.
    page.close()
    assert saved_comment() == ""
    context.set_offline(False)
    again = visitor.open(address.removeprefix(visitor._stack.url), context=context)
    expect(again.locator("#t2-comment")).to_have_value("Written in the lift.")
    expect(again.locator("[data-buffer-notice]")).to_contain_text("has been put back")
    wait_until_saved(again)
    assert saved_comment() == "Written in the lift."
    again.reload()
    expect(again.locator("#t2-comment")).to_have_value("Written in the lift.")
    expect(again.locator("[data-buffer-notice]")).to_be_hidden()
    visitor.complaints = [each for each in visitor.complaints if not any(word in each for word in NO_CONNECTION)]


def test_a_connection_that_comes_back_saves_by_itself(visitor, annotator, item):
    context = visitor.context(annotator.user)
    page = take_next(visitor.open("/review/", context=context))
    context.set_offline(True)
    page.keyboard.press("n")
    page.keyboard.type("On the train.")
    expect(page.locator("[data-saved]")).to_contain_text("No connection")
    context.set_offline(False)
    wait_until_saved(page)
    assert saved_comment() == "On the train."
    visitor.complaints = [each for each in visitor.complaints if not any(word in each for word in NO_CONNECTION)]


def test_a_session_that_ran_out_loses_nothing(claimed, annotator):
    page = claimed
    LoginSession.objects.all().delete()
    page.keyboard.press("n")
    page.keyboard.type("Written while signed out.")
    expect(page.locator("[data-saved]")).to_contain_text("You are signed out")
    assert saved_comment() == ""
    page.locator("[data-saved] a").click()
    page.get_by_label("User name or email").fill(annotator.user.username)
    page.get_by_label("Password").fill("correct horse")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/items/*/")
    expect(page.locator("#t2-comment")).to_have_value("Written while signed out.")
    wait_until_saved(page)
    assert saved_comment() == "Written while signed out."


def test_two_windows_are_merged_by_choice(visitor, annotator, item):
    context = visitor.context(annotator.user)
    one = take_next(visitor.open("/review/", context=context))
    two = visitor.open(one.url.removeprefix(visitor._stack.url), context=context)
    one.locator("#t2-comment").fill("From the first.")
    wait_until_saved(one)
    two.locator("#t2-comment").fill("From the second.")
    expect(two.locator("[data-saved]")).to_contain_text("changed in another window")
    assert saved_comment() == "From the first."
    two.get_by_role("button", name="Save").click()
    expect(two.get_by_text("Two windows wrote about the same")).to_be_visible()
    check(two, "merge")
    two.get_by_label("Both, one after the other").check()
    two.get_by_role("button", name="Keep this").click()
    expect(two.locator("#t2-comment")).to_have_value("From the first.\n\nFrom the second.")
    assert saved_comment() == "From the first.\n\nFrom the second."
    visitor.complaints = [each for each in visitor.complaints if "409" not in each]


def test_a_comment_of_200_kb_is_refused_with_a_sentence(claimed, visitor):
    page = claimed
    text = "Long. " * 34_000
    page.locator("#t2-comment").fill(text)
    expect(page.locator("[data-saved]")).to_contain_text("at most 20,000 fit")
    page.get_by_role("button", name="Next turn").click()
    expect(page.locator("[data-problems]")).to_contain_text("Nothing was lost")
    expect(page.locator("#t2-comment")).to_have_value(text)
    page.locator("#t2-comment").fill("Short.")
    wait_until_saved(page)
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]


@pytest.mark.parametrize("size", SIZES)
def test_pages_under_axe_in_every_size(visitor, annotator, item, size):
    page = visitor.open("/review/", annotator.user, viewport=SIZES[size])
    check(page, "queue")
    take_next(page)
    check(page, "a turn")
    page.locator("[data-label][value='-1']").check(force=True)
    check(page, "a wrong turn")
    page.get_by_role("button", name="Next turn").click()
    expect(page.locator("[data-problems]")).to_be_visible()
    check(page, "something missing")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    factories.judge_rest(annotator, item)
    page.reload()
    expect(page.get_by_role("heading", name="The truth")).to_be_visible()
    page.locator("details.second").first.click()
    check(page, "second look")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**/review/")
    check(page, "queue with work done")
    page.locator(".results a").first.click()
    check(page, "handed in")
    assert Reservation.objects.count() == 0
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]
