"""A browser as far as a test needs one: a login session, POSTs with a CSRF token, and event streams."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from uuid import uuid4

import httpx
import orjson
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.middleware.csrf import _get_new_csrf_string

from medaction.domain.parser import TurnParser


@dataclass
class Event:
    """One event of a stream as the browser gets it; ``id`` is what it would send back to resume."""

    name: str
    data: dict[str, Any]
    id: str


@dataclass
class Reading:
    """What a page shows after some events: the text of each part, and how the stream ended."""

    parts: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    attempt: int = 1
    end: dict[str, Any] | None = None

    def take(self, event: Event) -> None:
        self.events.append(event)
        match event.name:
            case "delta":
                for path, text in event.data["parts"]:
                    self.parts[path] = self.parts.get(path, "") + text
            case "snapshot":
                self.parts = dict(map(tuple, event.data["parts"]))
            case "reset":
                self.parts = {}
                self.attempt = event.data["attempt"]
            case "end":
                self.end = event.data

    @property
    def last_id(self) -> str | None:
        return next((event.id for event in reversed(self.events) if event.id), None)


class Browser:
    """Signed in as one user, through a login session of its own."""

    def __init__(self, url: str, user: Any) -> None:
        token = _get_new_csrf_string()
        self.user = user
        self.session_key = _log_in(user)
        self.http = httpx.Client(
            base_url=url,
            cookies={settings.SESSION_COOKIE_NAME: self.session_key, settings.CSRF_COOKIE_NAME: token},
            headers={"X-CSRFToken": token, "Origin": url},
            timeout=30,
        )

    def close(self) -> None:
        self.http.close()

    def post(self, path: str, **data: str) -> httpx.Response:
        return self.http.post(path, data=data)

    def watch(self, case: Any, model_key: str, key: str | None = None) -> httpx.Response:
        return self.post(f"/cases/{case.slug}/watch/", model_key=model_key, idempotency_key=key or str(uuid4()))

    def cancel(self, job_id: Any) -> httpx.Response:
        return self.post(f"/jobs/{job_id}/cancel")

    def retry(self, job_id: Any) -> httpx.Response:
        return self.post(f"/jobs/{job_id}/retry", idempotency_key=str(uuid4()))

    def events(self, job_id: Any, *, after: str | None = None, seconds: float = 60) -> Iterator[Event]:
        """One connection's events, until the server closes it."""
        headers = {"Last-Event-ID": after} if after else {}
        timeout = httpx.Timeout(10, read=seconds)
        with self.http.stream("GET", f"/jobs/{job_id}/stream", headers=headers, timeout=timeout) as response:
            assert response.status_code == 200, response.status_code
            yield from parse_events(response.iter_lines())

    def read(self, job_id: Any, *, seconds: float = 90) -> Reading:
        """Read to the end of the job, resuming as a browser does when a connection closes."""
        reading = Reading()
        until = time.monotonic() + seconds
        while reading.end is None:
            assert time.monotonic() < until, f"no end within {seconds} s; got {reading.parts}"
            try:
                for event in self.events(job_id, after=reading.last_id):
                    reading.take(event)
                    if reading.end is not None:
                        break
            except httpx.TransportError:
                time.sleep(0.2)
        return reading

    def read_in_background(self, job_id: Any) -> "BackgroundReading":
        return BackgroundReading(self, job_id)


class BackgroundReading:
    """A page that is open while the test does something else."""

    def __init__(self, browser: Browser, job_id: Any) -> None:
        self.reading: Reading | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(browser, job_id), daemon=True)
        self._thread.start()

    def result(self, seconds: float = 90) -> Reading:
        self._thread.join(seconds)
        if self._error is not None:
            raise self._error
        assert self.reading is not None, "the page is still waiting"
        return self.reading

    def _run(self, browser: Browser, job_id: Any) -> None:
        try:
            self.reading = browser.read(job_id)
        except BaseException as error:
            self._error = error


def parse_events(lines: Iterator[str]) -> Iterator[Event]:
    name, data, last_id = "message", [], ""
    for line in lines:
        if not line:
            if data:
                yield Event(name, orjson.loads("\n".join(data)), last_id)
            name, data = "message", []
        elif line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data.append(line[6:])
        elif line.startswith("id: "):
            last_id = line[4:]


def parts_of(text: str) -> dict[str, str]:
    """What a page must show for this stored text, in the parts that the stream sends."""
    parser = TurnParser()
    parser.feed(text)
    parser.finish()
    return {part.path: part.text for part in parser.parts()}


def _log_in(user: Any) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key
