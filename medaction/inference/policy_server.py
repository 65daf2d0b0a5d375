"""Policies as an OpenAI-compatible server: chat completions, streamed or whole, and the list of models.

A policy either answers at once, and its answer is sent at a readable pace so that a page can be watched, or relays
another server's stream. Only what such a client needs: one choice, text content, `stream`, `max_tokens`, usage at the
end. A client that goes away ends the work for it.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from medaction.domain.prompt import Message
from medaction.inference.completion import (
    BadRequestError,
    Completion,
    read_request,
    send_error,
    send_stream,
    send_whole,
)
from medaction.inference.errors import ModelError
from medaction.inference.port import ChatRequest, Delta, Usage

PIECE_CHARS = 4
"""Characters in a streamed piece: about what a token of English is."""
MAX_BODY_BYTES = 4 * 1024 * 1024

Answer = Callable[[Sequence[Message]], Awaitable[str]]
Relay = Callable[[ChatRequest], AsyncGenerator[Delta, None]]


class UnanswerableError(ValueError):
    """What an answering function raises for messages it cannot read; the client gets the sentence with status 400."""


@dataclass(frozen=True, slots=True)
class PolicyServerSettings:
    """`port=0` takes a free one. `tokens_per_second=0` sends everything at once. An empty `api_key` asks for none."""

    host: str = "127.0.0.1"
    port: int = 0
    tokens_per_second: float = 60.0
    api_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ServedPolicy:
    """`name` is what a request names, `label` goes with the list of models. Either `answer` or `relay` is given;
    both may raise `UnanswerableError`, `relay` also `ModelError`."""

    name: str
    label: str
    answer: Answer | None = None
    relay: Relay | None = None


class PolicyServer:
    """Serves policies by name; one alone answers to any name."""

    def __init__(self, policies: Sequence[ServedPolicy], settings: PolicyServerSettings) -> None:
        self._policies = {policy.name: policy for policy in policies}
        self._settings = settings

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve inside the block; gives the base URL. Raises `OSError` when the address cannot be had."""
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=2, handler_cancellation=True)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self._settings.host, self._settings.port)
            await site.start()
            port = runner.addresses[0][1]
            host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
            yield f"http://{host}:{port}/v1"
        finally:
            await runner.cleanup()

    def application(self) -> web.Application:
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        for prefix in ("", "/v1"):
            application.router.add_get(f"{prefix}/models", self._list_models)
            application.router.add_post(f"{prefix}/chat/completions", self._complete)
        application.router.add_get("/health", self._health)
        return application

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _list_models(self, request: web.Request) -> web.Response:
        if refusal := self._refuse(request):
            return refusal
        rows = [{"id": one.name, "object": "model", "owned_by": one.label} for one in self._policies.values()]
        return web.json_response({"object": "list", "data": rows})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._refuse(request):
            return refusal
        try:
            body = await request.json()
            asked = read_request(body)
            policy = self._find(asked.model)
            # Closed whatever happens to the client: closing is what frees the model behind a relay.
            async with aclosing(self._deltas(policy, asked)) as deltas:
                completion = Completion(policy.name, deltas)
                await completion.begin()
                if body.get("stream"):
                    return await send_stream(request, completion)
                return await send_whole(completion)
        except (json.JSONDecodeError, UnicodeDecodeError):
            return send_error(400, "The request is not JSON.")
        except (BadRequestError, UnanswerableError) as error:
            return send_error(400, str(error))
        except ModelError as error:
            return send_error(503 if error.retryable else 502, error.message)

    def _find(self, name: str | None) -> ServedPolicy:
        if len(self._policies) == 1:
            return next(iter(self._policies.values()))
        if name not in self._policies:
            raise BadRequestError(f"There is no model “{name or ''}”; there are {', '.join(self._policies)}.")
        return self._policies[name]

    async def _deltas(self, policy: ServedPolicy, asked: ChatRequest) -> AsyncGenerator[Delta, None]:
        if policy.relay is not None:
            async with aclosing(policy.relay(asked)) as relayed:
                async for delta in relayed:
                    yield delta
        elif policy.answer is not None:
            text = await policy.answer(asked.messages)
            async for delta in self._pace(text, asked):
                yield delta

    async def _pace(self, text: str, asked: ChatRequest) -> AsyncGenerator[Delta, None]:
        pieces = [text[start : start + PIECE_CHARS] for start in range(0, len(text), PIECE_CHARS)]
        sent = pieces[: asked.max_tokens] if asked.max_tokens > 0 else pieces
        pace = self._settings.tokens_per_second
        clock = asyncio.get_running_loop().time
        begin = clock()
        for position, piece in enumerate(sent):
            if pace:
                await asyncio.sleep(max(0.0, begin + position / pace - clock()))
            yield Delta(piece)
        prompt = -(-sum(len(message["content"]) for message in asked.messages) // PIECE_CHARS)
        yield Delta(finish_reason="stop" if len(sent) == len(pieces) else "length")
        yield Delta(usage=Usage(prompt, len(sent)))

    def _refuse(self, request: web.Request) -> web.Response | None:
        key = self._settings.api_key
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key and not hmac.compare_digest(given.encode(), key.encode()):
            return send_error(401, "The key is missing or wrong.")
        return None


async def serve_until_stopped(server: PolicyServer, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` gets the base URL once requests are answered."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with server.running() as url:
        announce(url)
        await stop.wait()
