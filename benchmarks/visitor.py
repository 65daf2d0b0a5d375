"""One browser, as light as it can be: sign in, press Watch, read the page's event stream."""

import html
import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from benchmarks.stream import Stream

CASE_LINK = re.compile(r'href="(/cases/[^"/?]+/)"')
FORM = re.compile(r'<form[^>]*method="post"[^>]*action="([^"]*)"(?:(?!</form>).)*name="model_key"', re.DOTALL)
MODEL_KEY = re.compile(r'name="model_key" value="([^"]*)"')
STREAM = re.compile(r'data-stream="([^"]*)"')


class Visitor:
    """A signed-in person. Every request is one that the page's own form or script makes."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self._http = aiohttp.ClientSession(
            # Shorter than the server's own limit: a form must not meet a connection that is just being closed.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=3),
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=aiohttp.ClientTimeout(total=None, sock_read=60),
        )
        self._form: dict[str, str] = {}
        self._watch = ""

    async def __aenter__(self) -> "Visitor":
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._http.close()

    async def sign_in(self, name: str, password: str) -> None:
        await self._get("/accounts/login/")
        async with self._post("/accounts/login/", {"login": name, "password": password}) as answer:
            if answer.status != 302:
                raise RuntimeError(f"signing in answered {answer.status}")

    async def choose_case(self) -> None:
        """Open the first case of the list, whose form `watch` then sends."""
        case = _found(CASE_LINK, await self._get("/cases/"), "a case")
        page = await self._get(case)
        self._watch = _found(FORM, page, "the Watch form")
        self._form = {"model_key": _found(MODEL_KEY, page, "a model")}

    async def watch(self, stream: Stream, *, stop_at_first: bool = False) -> str:
        """Press Watch and read the first answer to its end, or press Stop at its first words. Returns its address."""
        stream.asked_at = time.monotonic()
        form = {**self._form, "idempotency_key": str(uuid.uuid4())}
        async with self._post(self._watch, form) as answer:
            if answer.status != 302:
                raise RuntimeError(f"Watch answered {answer.status}")
            page = await self._get(answer.headers["Location"])
        stream.answered_at = time.monotonic()
        path = _found(STREAM, page, "a live answer")
        await self._follow(path, stream, stop_at_first=stop_at_first)
        return path.removesuffix("stream")

    async def retry(self, job: str, stream: Stream) -> None:
        """Press Retry: one request whose answer already holds the new live turn. Read it to its end."""
        stream.asked_at = time.monotonic()
        async with self._post(f"{job}retry", {"idempotency_key": str(uuid.uuid4())}, fragment=True) as answer:
            if answer.status != 200:
                raise RuntimeError(f"Retry answered {answer.status}")
            part = await answer.text()
        stream.answered_at = time.monotonic()
        await self._follow(_found(STREAM, part, "a live answer"), stream)

    async def _follow(self, path: str, stream: Stream, *, stop_at_first: bool = False) -> None:
        async with self._http.get(f"{self._address}{path}", headers={"Accept": "text/event-stream"}) as answer:
            if answer.status != 200:
                raise RuntimeError(f"the stream answered {answer.status}")
            async for event, data in events(answer.content):
                match event:
                    case "delta" | "snapshot":
                        stream.take_event(data["n"], data["parts"], replace=event == "snapshot")
                        if stop_at_first:
                            stop_at_first = False
                            await self._stop(path.removesuffix("stream"))
                    case "reset":
                        stream.take_event(0, [], replace=True)
                    case "end":
                        stream.end(data["state"])
                        return

    async def _get(self, path: str) -> str:
        async with self._http.get(f"{self._address}{path}") as answer:
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
            return await answer.text()

    async def _stop(self, job: str) -> None:
        async with self._post(f"{job}cancel", {}, fragment=True) as answer:
            if answer.status not in {200, 204}:
                raise RuntimeError(f"Stop answered {answer.status}")

    def _post(self, path: str, form: dict[str, str], *, fragment: bool = False) -> Any:
        headers = {"HX-Request": "true"} if fragment else {}
        data = {**form, "csrfmiddlewaretoken": self._token()}
        return self._http.post(f"{self._address}{path}", data=data, headers=headers, allow_redirects=False)

    def _token(self) -> str:
        return next(cookie.value for cookie in self._http.cookie_jar if cookie.key == "csrftoken")


async def events(content: aiohttp.StreamReader) -> AsyncIterator[tuple[str, Any]]:
    """The events of a stream in the form this project writes them: one `event:` and one `data:` line each."""
    rest = b""
    async for piece in content.iter_any():
        *frames, rest = (rest + piece).split(b"\n\n")
        for frame in frames:
            fields = dict(line.split(b": ", 1) for line in frame.split(b"\n") if b": " in line and line[:1] != b":")
            if b"data" in fields:
                yield fields.get(b"event", b"message").decode(), json.loads(fields[b"data"])


def _found(pattern: re.Pattern[str], page: str, what: str) -> str:
    match = pattern.search(page)
    if match is None:
        raise RuntimeError(f"the page shows no {what.removeprefix('a ')}")
    return html.unescape(match[1])
