"""Watching a case: to the end, through reloads, in two tabs, stopped, retried, and without scripts."""

import re

from playwright.sync_api import expect

from diagnosis.models import GenerationJob, Session
from tests.e2e.conftest import QUICK, SCRIPT
from tests.e2e.steps import (
    REMEMBER_LIVE,
    stored_turns,
    wait_for_truth,
    wait_for_words,
    watch,
    what_it_shows,
)
from tests.stack.tidy import NORMAL

UPSTREAM = "openai:fake"
# What Chromium and htmx say of a server that is not there.
NO_SERVER = (
    "ERR_CONNECTION|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|WebSocket connection|htmx:sendError|htmx:afterRequest"
)


def test_a_case_is_watched_to_its_end(visitor, owner, case):
    page = visitor.open("/", owner)
    page.get_by_role("searchbox", name="Search presentations").fill("shoulder")
    page.wait_for_url("**q=shoulder**")
    page.get_by_role("link", name=case.title).click()
    session = watch(page, QUICK)
    wait_for_truth(page)
    turns = stored_turns(session)
    assert len(turns) == 5
    for turn in turns:
        block = page.locator(f"#t{turn['number']}")
        assert block.locator("[data-stored=reasoning]").inner_text() == turn["turn"]["reasoning"]
        for name in (turn["turn"]["action"].get("tests") or [])[:1]:
            expect(block.get_by_text(name, exact=True)).to_be_visible()
    expect(page.locator("#session-status")).to_contain_text("5 of 5 turns")
    expect(page.locator("#announcer")).to_have_text(re.compile("walkthrough has ended"))
    before = what_it_shows(page)
    page.reload()
    assert what_it_shows(page) == before


def test_a_reload_in_mid_sentence_loses_and_doubles_nothing(visitor, owner, case):
    context = visitor.context(owner)
    context.add_init_script(REMEMBER_LIVE)
    page = visitor.open(f"/cases/{case.slug}/", context=context)
    session = watch(page, SCRIPT)
    wait_for_words(page, 60)
    page.reload()
    wait_for_words(page, 80)
    expect(page.locator("#t2")).to_be_visible()
    stored = stored_turns(session)[0]["turn"]["reasoning"]
    assert page.locator("#t2 [data-stored=reasoning]").inner_text() == stored
    assert page.evaluate("spoken['1']") == stored


def test_a_lost_connection_is_caught_up_with(visitor, owner, case, stack):
    context = visitor.context(owner)
    context.add_init_script(REMEMBER_LIVE)
    page = visitor.open(f"/cases/{case.slug}/", context=context)
    session = watch(page, SCRIPT)
    wait_for_words(page, 60)
    stack.web.kill()
    expect(page.locator("[data-live-note]")).to_have_text("Connection lost, reconnecting")
    stack.web.start()
    expect(page.locator("#t2")).to_be_visible(timeout=40_000)
    stored = stored_turns(session)[0]["turn"]["reasoning"]
    assert page.locator("#t2 [data-stored=reasoning]").inner_text() == stored
    assert page.evaluate("spoken['1']") == stored
    visitor.complaints = [each for each in visitor.complaints if not re.search(NO_SERVER, each)]


def test_two_tabs_show_the_same(visitor, owner, case):
    context = visitor.context(owner)
    one = visitor.open(f"/cases/{case.slug}/", context=context)
    session = watch(one, QUICK)
    two = visitor.open(f"/sessions/{session.pk}/", context=context)
    wait_for_truth(one)
    wait_for_truth(two)
    assert what_it_shows(one) == what_it_shows(two)


def test_a_stop_in_one_tab_stops_the_other_and_so_does_a_retry(visitor, owner, case):
    context = visitor.context(owner)
    one = visitor.open(f"/cases/{case.slug}/", context=context)
    session = watch(one, SCRIPT)
    two = visitor.open(f"/sessions/{session.pk}/", context=context)
    wait_for_words(two)
    one.get_by_role("button", name="Stop").click()
    for page in (one, two):
        expect(page.get_by_text("You stopped this answer.")).to_be_visible()
    two.get_by_role("button", name="Retry").first.click()
    for page in (one, two):
        expect(page.locator("#tail[data-live]")).to_be_visible()
        expect(page.get_by_text("Stopped, then retried.")).to_be_visible()
    assert session.jobs.count() == 2
    one.get_by_role("button", name="Stop").click()


def test_stop_before_the_first_token_then_retry(visitor, owner, case, stack):
    stack.upstream.control("default", {**NORMAL, "delay": 60.0})
    page = visitor.open(f"/cases/{case.slug}/", owner)
    session = watch(page, UPSTREAM)
    expect(page.locator("#live")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("You stopped this answer.")).to_be_visible(timeout=5000)
    assert stored_turns(session) == []
    stack.upstream.control("default", NORMAL)
    page.get_by_role("button", name="Retry").first.click()
    expect(page.locator("#t2")).to_be_visible()
    assert [job.state for job in session.jobs.order_by("queued_at")[:2]] == ["CANCELLED", "SUCCEEDED"]


def test_a_broken_model_is_named_and_can_be_retried(visitor, owner, case, stack):
    stack.upstream.control("default", {**NORMAL, "mode": "status500"})
    page = visitor.open(f"/cases/{case.slug}/", owner)
    session = watch(page, UPSTREAM)
    expect(page.get_by_text("Everything before it is saved.")).to_be_visible()
    failed = session.jobs.get(state="FAILED")
    expect(page.get_by_role("alert").filter(has_text=failed.error_message)).to_be_visible()
    stack.upstream.control("default", NORMAL)
    page.get_by_role("button", name="Retry").first.click()
    expect(page.locator("#t2")).to_be_visible()


def test_a_double_click_on_watch_is_one_walkthrough(visitor, owner, case):
    page = visitor.open(f"/cases/{case.slug}/", owner)
    page.locator(f'input[value="{QUICK}"]').check()
    page.get_by_role("button", name="Watch").dblclick()
    page.wait_for_url("**/sessions/*/")
    wait_for_truth(page)
    assert Session.objects.filter(owner=owner).count() == 1
    assert GenerationJob.objects.count() == 5


def test_my_walkthroughs_update_by_themselves(visitor, owner, case, browse):
    page = visitor.open("/sessions/", owner)
    expect(page.get_by_text("No walkthroughs yet")).to_be_visible()
    page.wait_for_timeout(500)
    browse(owner).watch(case, QUICK)
    expect(page.get_by_role("link", name=case.title)).to_be_visible()
    expect(page.get_by_text("Diagnosis given")).to_be_visible(timeout=30_000)


def test_a_citation_lights_the_words_it_points_at(visitor, owner, case):
    page = visitor.open(f"/cases/{case.slug}/", owner)
    watch(page, QUICK)
    wait_for_truth(page)
    cite = page.locator("#board a.cite").first
    words = page.locator(f"[id='{cite.get_attribute('data-ref')}']")
    cite.focus()
    expect(words).to_have_class(re.compile("is-lit"))
    words.hover()
    expect(page.locator("#board tr.is-lit").first).to_be_visible()


def test_without_scripts_a_case_is_watched_by_refreshing(visitor, owner, case):
    page = visitor.open(f"/cases/{case.slug}/", owner, java_script_enabled=False)
    watch(page, "scripted:walk@0")
    for _ in range(40):
        refresh = page.get_by_role("link", name="Refresh").first
        if not refresh.is_visible():
            break
        refresh.click()
        page.wait_for_timeout(300)
    expect(page.locator("#reveal")).to_be_visible()
