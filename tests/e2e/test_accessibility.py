"""axe finds nothing serious on any page, in both themes, on a desk and in a hand."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import QUICK, SCRIPT
from tests.e2e.steps import wait_for_truth, wait_for_words
from tests.stack.tidy import NORMAL

SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
AXE = Axe()


def faults(page: Page) -> list[str]:
    found = AXE.run(page).response["violations"]
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
    ]


def check(page: Page, where: str) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert faults(page) == [], f"{where}, {theme}"


@pytest.mark.parametrize("size", SIZES)
def test_every_page(visitor, owner, case, stack, browse, size):
    look = {"viewport": SIZES[size]}
    check(visitor.open("/accounts/login/", **look), "login")
    page = visitor.open("/cases/", owner, **look)
    check(page, "cases")
    for path in (f"/cases/{case.slug}/", "/sessions/", "/accounts/password/change/", "/accounts/2fa/"):
        page.goto(stack.url + path)
        check(page, path)
    reader = browse(owner)
    page.goto(stack.url + reader.watch(case, SCRIPT).headers["Location"])
    wait_for_words(page)
    check(page, "live walkthrough")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()
    check(page, "stopped walkthrough")
    page.goto(stack.url + reader.watch(case, QUICK).headers["Location"])
    wait_for_truth(page)
    check(page, "revealed walkthrough")
    if size == "phone":
        page.locator("[data-board-toggle]").click()
        check(page, "open board")
    page.goto(stack.url + f"/cases/{case.slug}/")
    page.get_by_role("button", name="Solve it yourself").click()
    page.wait_for_url("**/sessions/*/")
    page.locator("[name=name_1]").fill("Stroke")
    page.get_by_label("Order up to three tests").fill("CBC")
    page.keyboard.press("Enter")
    page.keyboard.type("vital")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    check(page, "names offered while ordering")
    page.keyboard.press("Escape")
    page.locator("[name=percent_1]").fill("140")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-problems]")).to_be_visible()
    check(page, "a turn with an error")
    page.locator("[name=percent_1]").fill("40")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#r2")).to_be_visible()
    check(page, "results of one's own turn")
    page.get_by_role("button", name="Commit").click()
    expect(page.locator("#comparison .round").first).to_be_visible(timeout=90_000)
    check(page, "the policy's path beside one's own")
    stack.upstream.control("default", {**NORMAL, "mode": "status500"})
    page.goto(stack.url + reader.watch(case, "openai:fake").headers["Location"])
    expect(page.get_by_text("Everything before it is saved.")).to_be_visible()
    check(page, "error state")
    page.goto(stack.url + "/sessions/")
    check(page, "my walkthroughs")
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]
