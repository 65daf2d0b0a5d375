"""The benchmark report in a browser: nothing runs, nothing is fetched, nothing sticks out on a phone."""

from pathlib import Path

from playwright.sync_api import Browser

from medaction.bench.page import render_page
from tests.medaction.bench.test_page import HOSTILE, make_report


def test_a_hostile_report_is_a_quiet_page(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_page([make_report(text, policy=text) for text in HOSTILE], "x" * 300), encoding="utf-8")
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert asked == [path.as_uri()]
    assert told == []
    assert page.locator("h2").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
