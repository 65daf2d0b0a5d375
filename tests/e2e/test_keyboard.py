"""A whole case by keyboard: sign in, find the case, watch, stop, retry, read, and leave."""

from playwright.sync_api import Page, expect

from tests.diagnosis import factories
from tests.e2e.steps import session_of, wait_for_truth, wait_for_words


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the element that matches has the focus, which must be visible there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{selector} has the focus but does not show it"
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_a_whole_case_without_a_mouse(visitor, case):
    user = factories.make_user("dr-keys")
    page = visitor.open("/accounts/login/")
    tab_to(page, "[name=login]")
    page.keyboard.type(user.username)
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/")
    page.keyboard.press("/")
    page.keyboard.type("shoulder")
    page.wait_for_url("**q=shoulder**")
    tab_to(page, f"a[href='/cases/{case.slug}/']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case.slug}/")
    tab_to(page, "input[name=model_key]")
    while page.evaluate("document.activeElement.value") != "scripted:walk":
        page.keyboard.press("ArrowDown")
    tab_to(page, "form[action$='/watch/'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/*/")
    wait_for_words(page)
    page.keyboard.press("s")
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()
    page.keyboard.press("r")
    wait_for_truth(page, 90)
    page.keyboard.press("j")
    expect(page.locator("#o1")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#o1")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    session = session_of(page)
    assert session.state == "TERMINATED"
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/cases/")


def test_single_keys_can_be_switched_off(visitor, owner, case):
    page = visitor.open("/cases/", owner)
    page.keyboard.press("?")
    page.get_by_label("Switch single-key shortcuts off").check()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).not_to_be_focused()
    page.keyboard.press("?")
    page.get_by_label("Switch single-key shortcuts off").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()


def test_the_board_is_a_sheet_on_a_phone(visitor, owner, case):
    page = visitor.open(f"/cases/{case.slug}/", owner, viewport={"width": 390, "height": 844})
    page.locator("input[value='scripted:walk@400']").check()
    page.get_by_role("button", name="Watch").click()
    wait_for_truth(page)
    tests = page.get_by_role("heading", name="Tests")
    expect(tests).to_be_hidden()
    page.keyboard.press("b")
    expect(tests).to_be_visible()
    page.keyboard.press("Escape")
    expect(tests).to_be_hidden()
    expect(page.locator("[data-board-toggle]")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
