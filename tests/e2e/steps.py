"""What a reader does and sees, in words that the tests share."""

import re

from playwright.sync_api import Page, expect

from diagnosis.models import Session

# Keeps the longest text that the live reasoning ever showed, also after the turn has replaced it.
REMEMBER_LIVE = """
addEventListener("DOMContentLoaded", () => {
  window.spoken = {};
  new MutationObserver(() => {
    const live = document.querySelector("#tail[data-live]");
    const words = live?.querySelector('[data-part="reasoning"]')?.textContent ?? "";
    const turn = live?.dataset.turn;
    if (turn && words.length > (window.spoken[turn] ?? "").length) window.spoken[turn] = words;
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
});
"""


def watch(page: Page, model_key: str) -> Session:
    """On a case page: choose the model and press Watch."""
    page.locator(f'input[value="{model_key}"]').check()
    page.get_by_role("button", name="Watch").click()
    page.wait_for_url("**/sessions/*/")
    return session_of(page)


def session_of(page: Page) -> Session:
    return Session.objects.get(pk=page.url.rstrip("/").rpartition("/")[2])


def wait_for_words(page: Page, least: int = 40) -> None:
    """Until the live answer shows that many characters."""
    # Not wait_for_function: the page's policy refuses the evaluation that it needs.
    expect(page.locator("#live [data-part=reasoning]")).to_have_text(
        re.compile(f".{{{least},}}", re.DOTALL), timeout=15_000
    )


def wait_for_truth(page: Page, seconds: float = 60) -> None:
    expect(page.locator("#reveal")).to_be_visible(timeout=seconds * 1000)


def stored_turns(session: Session) -> list[dict]:
    """The content of every turn as PostgreSQL keeps it, in order."""
    return [node.content for node in session.trajectory.nodes.filter(kind="TURN").order_by("seq")]


def what_it_shows(page: Page) -> dict[str, str]:
    """The words of the transcript and of the board."""
    return {part: page.locator(part).inner_text() for part in ("#transcript", "#board-body")}
