"""Solving a case oneself: by keyboard only, to the truth and the policy's path; in two tabs; without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from diagnosis.models import Session
from tests.e2e.steps import session_of, stored_turns, wait_for_truth
from tests.e2e.test_keyboard import tab_to

# A worker that has never seen the graph compiles it first.
PATIENCE_MS = 90_000


def begin(page: Page) -> Session:
    page.get_by_role("button", name="Solve it yourself").click()
    page.wait_for_url("**/sessions/*/")
    return session_of(page)


def add(page: Page, order: str) -> None:
    page.keyboard.type(order)
    page.keyboard.press("Enter")


@pytest.mark.timeout(240)
def test_a_whole_case_by_keyboard(visitor, owner, case):
    page = visitor.open(f"/cases/{case.slug}/", owner)
    tab_to(page, "form[action$='/drive/'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/*/")
    session = session_of(page)

    page.keyboard.press("d")
    page.keyboard.type("aortic diss")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("[name=name_1]")).to_have_value("Acute aortic dissection")
    page.keyboard.type("40")
    tab_to(page, "[name=name_2]")
    add(page, "Pulmonary embolism")
    page.keyboard.type("50")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[name=name_1]")).to_have_value("Pulmonary embolism")
    expect(page.locator("[name=percent_1]")).to_be_focused()

    tab_to(page, "[data-order-box] [role=combobox]")
    page.keyboard.type("cbc")
    expect(page.get_by_role("option", name="Complete blood count").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    add(page, "CBC and CRP")
    page.keyboard.type("vital")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".chips li")).to_have_count(2)
    add(page, "a mistake")
    page.keyboard.press("Backspace")
    expect(page.locator(".chips li")).to_have_count(2)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#r2")).to_be_focused()
    expect(page.locator("#r2 .result")).to_have_count(3)
    expect(page.locator("#announcer")).to_contain_text("Answered:")
    expect(page.locator("#board-body")).to_contain_text("Pulmonary embolism")

    page.keyboard.press("o")
    add(page, "no such test at all")
    page.keyboard.type("vital signs")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#r3")).to_contain_text("That is not a normal result")
    expect(page.locator("#r3 .outcome--DUPLICATE")).to_be_visible()
    # The page takes its reader to the results once they have settled; a key pressed before would be lost on the way.
    expect(page.locator("#r3")).to_be_focused()

    page.keyboard.press("f")
    expect(page.locator("[name=diagnosis]")).to_have_value("Pulmonary embolism")
    page.keyboard.press("Control+a")
    page.keyboard.type("Acute aortic dissection")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator("[data-commit]")).to_be_focused()
    page.keyboard.press("Enter")
    wait_for_truth(page)
    expect(page.locator("#reveal")).to_be_focused()
    expect(page.locator("#comparison .round").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#comparison")).to_contain_text("Knowledge-graph policy")

    session.refresh_from_db()
    assert session.state == "TERMINATED"
    first, second, last = stored_turns(session)
    assert [each["dx"] for each in first["turn"]["differential"]] == ["Pulmonary embolism", "Acute aortic dissection"]
    assert first["turn"]["action"]["tests"] == ["CBC and CRP", "Vital signs"]
    assert second["turn"]["action"]["tests"] == ["no such test at all", "vital signs"]
    assert last["turn"]["action"]["dx"] == "Acute aortic dissection"
    shown = page.locator("#reveal").inner_text()
    page.reload()
    assert page.locator("#reveal").inner_text() == shown


def test_a_click_on_a_finding_cites_it(visitor, owner, case):
    page = visitor.open(f"/cases/{case.slug}/", owner)
    session = begin(page)
    page.locator("[name=name_1]").fill("Stroke")
    page.locator("[name=supporting_1]").focus()
    third, first = page.get_by_text("He is pale"), page.get_by_text("A 61-year-old man is brought in")
    third.click(position={"x": 8, "y": 8})
    expect(page.locator("[name=supporting_1]")).to_have_value("3")
    first.click(position={"x": 8, "y": 8})
    third.click(position={"x": 8, "y": 8})
    expect(page.locator("[name=supporting_1]")).to_have_value("1")
    page.get_by_label("Order up to three tests").fill("Vital signs")
    page.get_by_role("button", name="Order", exact=True).click()
    expect(page.locator("#r2")).to_be_visible()
    assert stored_turns(session)[0]["turn"]["differential"][0]["for"] == ["o1.1"]


def test_lines_move_and_go_by_buttons(visitor, owner, case):
    page = visitor.open(f"/cases/{case.slug}/", owner)
    begin(page)
    for rank, name in enumerate(["Stroke", "Migraine", "Botulism"], start=1):
        page.locator(f"[name=name_{rank}]").fill(name)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Move diagnosis 3 up").click()
    page.get_by_role("button", name="Remove diagnosis 1").click()
    names = [page.locator(f"[name=name_{rank}]").input_value() for rank in (1, 2, 3)]
    assert names == ["Botulism", "Migraine", ""]
    expect(page.locator("[name=name_4]")).to_be_hidden()
    expect(page.locator("[name=diagnosis]")).to_have_value("Botulism")


def test_a_double_click_on_order_is_one_turn(visitor, owner, case):
    page = visitor.open(f"/cases/{case.slug}/", owner)
    session = begin(page)
    page.get_by_label("Order up to three tests").fill("Vital signs")
    page.get_by_role("button", name="Order", exact=True).dblclick()
    expect(page.locator("#r2")).to_be_visible()
    page.wait_for_timeout(500)
    assert len(stored_turns(session)) == 1
    expect(page.locator("#drive-head")).to_have_text("Your turn 2 of 10")


def test_a_second_tab_follows_and_keeps_what_is_being_written(visitor, owner, case):
    context = visitor.context(owner)
    one = visitor.open(f"/cases/{case.slug}/", context=context)
    session = begin(one)
    two = visitor.open(f"/sessions/{session.pk}/", context=context)
    one.wait_for_timeout(500)
    one.get_by_label("Order up to three tests").fill("Vital signs")
    one.keyboard.press("Control+Enter")
    expect(two.locator("#r2")).to_be_visible()
    two.get_by_label("Your reasoning").fill("Half a thought")
    one.get_by_label("Order up to three tests").fill("ECG")
    one.keyboard.press("Control+Enter")
    expect(one.locator("#r3")).to_be_visible()
    expect(two.get_by_text("This walkthrough has gone on in another window")).to_be_visible()
    two.get_by_label("Order up to three tests").fill("Troponin")
    two.keyboard.press("Control+Enter")
    expect(two.get_by_text(re.compile("Nothing was ordered; what you wrote is still here"))).to_be_visible()
    expect(two.locator("#r3")).to_be_visible()
    expect(two.get_by_label("Your reasoning")).to_have_value("Half a thought")
    expect(two.locator(".chips li")).to_have_text(re.compile("Troponin"))
    assert len(stored_turns(session)) == 2
    visitor.complaints = [each for each in visitor.complaints if "409" not in each]


def test_a_mistake_is_named_and_nothing_is_lost(visitor, owner, case):
    page = visitor.open(f"/cases/{case.slug}/", owner)
    session = begin(page)
    page.locator("[name=name_1]").fill("Stroke")
    page.locator("[name=percent_1]").fill("140")
    page.get_by_label("Order up to three tests").fill("CBC")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-problems]")).to_be_focused()
    expect(page.locator("[name=percent_1]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".chips li")).to_have_count(1)
    assert stored_turns(session) == []
    page.locator("[name=percent_1]").fill("40")
    page.get_by_role("button", name="Order", exact=True).click()
    expect(page.locator("#r2")).to_be_visible()
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]


def test_the_comparison_comes_even_when_its_ring_is_lost(visitor, owner, case):
    """A known path is compared in a moment: the bell may ring before the page listens for it."""
    context = visitor.context(owner)
    context.route_web_socket("**/ws/doorbell/", lambda _: None)
    page = visitor.open(f"/cases/{case.slug}/", context=context)
    begin(page)
    page.locator("[name=diagnosis]").fill("Stroke")
    # The list of names lies open below; it must not take the button away from under the pointer.
    expect(page.get_by_role("listbox", name="Names")).to_be_visible()
    page.get_by_role("button", name="Commit").click()
    wait_for_truth(page)
    expect(page.locator("#comparison .round").first).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.timeout(240)
def test_without_scripts_a_case_is_solved(visitor, owner, case):
    page = visitor.open(f"/cases/{case.slug}/", owner, java_script_enabled=False)
    session = begin(page)
    page.locator("[name=name_2]").fill("Stroke")
    page.locator("[name=orders]").fill("Vital signs\nECG")
    page.get_by_role("button", name="Order", exact=True).click()
    expect(page.locator("#r2 .result")).to_have_count(2)
    page.locator("[name=diagnosis]").fill("Stroke")
    page.get_by_role("button", name="Commit").click()
    expect(page.locator("#reveal")).to_be_visible()
    for _ in range(60):
        if page.locator("#comparison .round").first.is_visible():
            break
        page.wait_for_timeout(1000)
        page.get_by_role("link", name="Refresh").click()
    expect(page.locator("#comparison")).to_contain_text("Knowledge-graph policy")
    assert len(stored_turns(session)) == 2
