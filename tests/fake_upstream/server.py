"""HTTP: picks an answer for each request, plays its steps on the bare socket, and keeps a log."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from tests.fake_upstream.modes import (
    ALIASES,
    LAST_CHUNK,
    MODES,
    Abort,
    Answer,
    Cut,
    Hang,
    Pause,
    Plan,
    Raw,
    Step,
    Token,
    chunk,
    token_event,
)
from tests.fake_upstream.text import STAMP
from tests.fake_upstream.ticker import Ticker


@dataclass
class Record:
    """One request. Times are `time.monotonic()`; `end` is `finished`, `fault` or `disconnected` (the client left)."""

    n: int
    at: float
    path: str
    model: str = ""
    mode: str = ""
    authorization: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    tokens_sent: int = 0
    first_token_at: float | None = None
    end: str | None = None
    ended_at: float | None = None

    def close(self, end: str) -> None:
        if self.end is None:
            self.end, self.ended_at = end, time.monotonic()


class FakeUpstream:
    """The server, inside a running loop. `api_key`: answer 401 to any other; `models`: names to list beside `fake`."""

    def __init__(
        self,
        default: Answer | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str = "",
        models: Sequence[str] = (),
    ) -> None:
        self.default = default or Answer()
        self.queue: deque[Answer | Raw] = deque()
        self.log: list[Record] = []
        self._host, self._port = host, port
        self._api_key = api_key
        self._models = ["fake", *models]
        self._numbers = itertools.count()
        self._ticker = Ticker()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> FakeUpstream:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/_control/log", self._get_log)
        app.router.add_delete("/_control/log", self._clear_log)
        app.router.add_get("/_control/state", self._get_state)
        app.router.add_post("/_control/default", self._set_default)
        app.router.add_post("/_control/next", self._set_next)
        app.router.add_route("*", "/_control/trap", self._trap)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=1024)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._ticker.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}/v1"

    @property
    def live(self) -> int:
        """Answers that are being given now."""
        return sum(record.end is None for record in self.log)

    async def _list_models(self, request: web.Request) -> web.Response:
        if not self._authorised(request):
            return web.json_response({"error": {"message": "invalid API key"}}, status=401)
        models = [{"id": name, "object": "model", "owned_by": "tests"} for name in self._models]
        return web.json_response({"object": "list", "data": models})

    async def _complete(self, request: web.Request) -> web.Response:
        record = self._record(request)
        self.log.append(record)
        try:
            if not self._authorised(request):
                record.close("fault")
                return web.json_response({"error": {"message": "invalid API key"}}, status=401)
            record.body = orjson.loads(await request.read())
            record.model = record.body["model"]
            answer = self._choose(record.model)
            if isinstance(answer, Raw):
                record.mode = "raw"
                plan, pace = Plan([answer.head, *answer.steps], chunked=False), 0.0
            else:
                record.mode, pace = answer.mode, answer.tps
                plan = MODES[answer.mode](answer, record.body["messages"])
                if answer.delay:
                    await asyncio.sleep(answer.delay)
            assert request.transport is not None
            await self._play(request.transport, plan, pace, record)
        except asyncio.CancelledError:
            record.close("disconnected")
            raise
        # The socket is closed by now; this only satisfies the framework.
        return web.Response()

    def _record(self, request: web.Request) -> Record:
        authorization = request.headers.get("Authorization", "")
        return Record(next(self._numbers), time.monotonic(), request.path, authorization=authorization)

    def _authorised(self, request: web.Request) -> bool:
        return not self._api_key or request.headers.get("Authorization") == f"Bearer {self._api_key}"

    def _choose(self, model: str) -> Answer | Raw:
        _, query, parameters = model.partition("?")
        if query:
            return answer_from(dict(parse_qsl(parameters)), self.default)
        return self.queue.popleft() if self.queue else self.default

    async def _play(self, transport: asyncio.Transport, plan: Plan, pace: float, record: Record) -> None:
        def send_token(frame: bytes) -> None:
            record.tokens_sent += 1
            if record.first_token_at is None:
                record.first_token_at = time.monotonic()
            transport.write(frame)

        headers_sent = not plan.chunked
        for is_token, steps in itertools.groupby(plan.steps, key=lambda step: isinstance(step, Token)):
            if is_token:
                frames = _frames(steps, plan.newline)
                if pace:
                    await self._ticker.run(frames, pace, send_token)
                else:
                    for frame in frames:
                        send_token(frame)
                continue
            for step in steps:
                match step:
                    case bytes():
                        transport.write(chunk(step) if headers_sent and plan.chunked else step)
                        headers_sent = True
                    case Pause(seconds):
                        await asyncio.sleep(seconds)
                    case Hang():
                        await asyncio.get_running_loop().create_future()
                    case Abort():
                        record.close("fault")
                        _reset(transport)
                        return
                    case Cut():
                        whole = plan.chunked and _is_whole(plan.steps)
                        if whole:
                            transport.write(LAST_CHUNK)
                        record.close("finished" if whole else "fault")
                        transport.close()
                        return
                # One write per step: what is split here must arrive split.
                await asyncio.sleep(0)

    async def _get_log(self, request: web.Request) -> web.Response:
        return _json([asdict(record) for record in self.log])

    async def _clear_log(self, request: web.Request) -> web.Response:
        self.log.clear()
        return _json({})

    async def _get_state(self, request: web.Request) -> web.Response:
        return _json({"live": self.live, "requests": len(self.log), "default": asdict(self.default)})

    async def _set_default(self, request: web.Request) -> web.Response:
        self.default = answer_from(orjson.loads(await request.read()), self.default)
        return _json(asdict(self.default))

    async def _set_next(self, request: web.Request) -> web.Response:
        entries = [answer_from(entry, self.default) for entry in orjson.loads(await request.read())]
        self.queue.extend(entries)
        return _json([asdict(entry) for entry in entries])

    async def _trap(self, request: web.Request) -> web.Response:
        """Where the redirect points: nobody should come, least of all with a key."""
        record = self._record(request)
        record.close("finished")
        self.log.append(record)
        return _json({})


def answer_from(fields: dict[str, Any], default: Answer) -> Answer:
    """Return `default` with `fields` replaced; values may be strings. Raises `ValueError` for an unknown mode."""
    if (alias := ALIASES.get(fields.get("mode", ""))) is not None:
        fields = fields | alias
    if fields.get("mode", default.mode) not in MODES:
        raise ValueError(f"unknown mode {fields['mode']!r}; there are {', '.join([*MODES, *ALIASES])}")
    types = {"tokens": int, "after": int, "tps": float, "delay": float}
    return replace(default, **{key: types.get(key, str)(value) for key, value in fields.items()})


def _frames(tokens: Iterator[Step], newline: bytes) -> Iterator[bytes]:
    for token in tokens:
        assert isinstance(token, Token)
        if token.text == STAMP:
            yield chunk(token_event(f"{time.monotonic_ns()} ", newline))
        else:
            yield _token_frame(token.text, newline)


@lru_cache(maxsize=4096)
def _token_frame(text: str, newline: bytes) -> bytes:
    return chunk(token_event(text, newline))


def _is_whole(steps: list[Step]) -> bool:
    """Whether the answer got as far as saying that it is over; only then is the last HTTP chunk sent."""
    return any(isinstance(step, bytes) and (b"[DONE]" in step or b'"stop"' in step) for step in steps)


def _reset(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _json(value: object) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")
