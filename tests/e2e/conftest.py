"""A real Chromium on the real stack. Every page must end its test without a script error or a refused resource."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.diagnosis import factories
from tests.e2e.chromium import launch_chromium

SCRIPT = "scripted:walk"
QUICK = "scripted:walk@400"
PATIENCE_MS = 20_000


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/e2e" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.stack)


@pytest.fixture(scope="package")
def chromium():
    """Ended with the package: while it lives, its event loop would be in the way of asynchronous tests."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps a loop in this thread; Django would then refuse every query that a test makes.
        expect.set_options(timeout=PATIENCE_MS)
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with launch_chromium() as browser:
            yield browser


@pytest.fixture
def case(stack):
    return factories.make_case()


class Visitor:
    """Opens pages, signed in or not, and remembers what their consoles said."""

    def __init__(self, chromium, stack, browse) -> None:
        self._chromium = chromium
        self._stack = stack
        self._browse = browse
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def open(self, path: str, user=None, *, context: BrowserContext | None = None, **options: object) -> Page:
        """A page at ``path``. ``options`` go to the browser context (viewport, colour scheme, scripts off)."""
        context = context or self.context(user, **options)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.goto(self._stack.url + path)
        return page

    def context(self, user=None, **options: object) -> BrowserContext:
        context = self._chromium.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
        self._contexts.append(context)
        if user is not None:
            key = self._browse(user).session_key
            context.add_cookies([{"name": "sessionid", "value": key, "url": self._stack.url}])
        return context

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _listen(self, message: ConsoleMessage) -> None:
        # A page that is left or reloaded calls off what it was just asking for, and htmx logs that as errors.
        if message.text.startswith(("htmx:sendAbort", "htmx:afterRequest")):
            return
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")


@pytest.fixture
def visitor(chromium, stack, browse) -> Iterator[Visitor]:
    visitor = Visitor(chromium, stack, browse)
    yield visitor
    visitor.close()
    assert visitor.complaints == []


@pytest.fixture
def owner(stack):
    return factories.make_user("dr-adams")
