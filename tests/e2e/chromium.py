"""Finding a browser: the system's Chromium, else the one that Playwright downloaded."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium(downloaded: str) -> str | None:
    """The path of a Chromium, or None."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (downloaded if Path(downloaded).exists() else None)


@contextmanager
def launch_chromium() -> Iterator[Browser]:
    """Skips the test when there is no browser, and says so."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright.chromium.executable_path)
        if path is None:
            pytest.skip("no Chromium found: install the chromium package or run `playwright install chromium`")
        # The sandbox needs user namespaces, which containers and root do not have.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
