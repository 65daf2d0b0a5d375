"""Any answering function as an OpenAI-compatible server: chat completions, streamed or whole, and the list of models.

The answer is made at once and sent at a readable pace, so that a page can be watched. Only what such a client needs:
one choice, text content, `stream`, `max_tokens`, usage at the end.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import signal
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from medaction.domain.prompt import Message

PIECE_CHARS = 4
"""Characters in a streamed piece: about what a token of English is."""
MAX_BODY_BYTES = 4 * 1024 * 1024

Answer = Callable[[Sequence[Message]], Awaitable[str]]


class UnanswerableError(ValueError):
    """What an answering function raises for messages it cannot read; the client gets the sentence with status 400."""


@dataclass(frozen=True, slots=True)
class PolicyServerSettings:
    """`port=0` takes a free one. `tokens_per_second=0` sends everything at once. An empty `api_key` asks for none."""

    host: str = "127.0.0.1"
    port: int = 0
    tokens_per_second: float = 60.0
    api_key: str = field(default="", repr=False)


class PolicyServer:
    """Serves one `answer` under one model `name`; `label` goes with the list of models."""

    def __init__(self, answer: Answer, *, name: str, label: str, settings: PolicyServerSettings) -> None:
        self._answer = answer
        self._name = name
        self._label = label
        self._settings = settings

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve inside the block; gives the base URL. Raises `OSError` when the address cannot be had."""
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=2)
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
        return web.json_response(
            {"object": "list", "data": [{"id": self._name, "object": "model", "owned_by": self._label}]}
        )

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._refuse(request):
            return refusal
        try:
            body = await request.json()
            messages = _read_messages(body)
            text = await self._answer(messages)
        except (json.JSONDecodeError, UnicodeDecodeError):
            return _error(400, "The request is not JSON.")
        except UnanswerableError as error:
            return _error(400, str(error))
        pieces = [text[start : start + PIECE_CHARS] for start in range(0, len(text), PIECE_CHARS)]
        limit = body.get("max_tokens")
        sent = pieces[:limit] if isinstance(limit, int) and limit > 0 else pieces
        reason = "stop" if len(sent) == len(pieces) else "length"
        usage = _usage(messages, len(sent))
        identity = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": self._name}
        if body.get("stream"):
            return await self._stream(request, identity, sent, reason, usage)
        message = {"role": "assistant", "content": "".join(sent)}
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return web.json_response({**identity, "object": "chat.completion", "choices": [choice], "usage": usage})

    async def _stream(
        self, request: web.Request, identity: dict[str, Any], pieces: Sequence[str], reason: str, usage: dict[str, int]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(request)
        chunk = {**identity, "object": "chat.completion.chunk"}

        async def send(delta: dict[str, str], finish: str | None = None, **more: Any) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            await response.write(_event({**chunk, "choices": [choice], **more}))

        pace = self._settings.tokens_per_second
        clock = asyncio.get_running_loop().time
        begin = clock()
        await send({"role": "assistant", "content": ""})
        for position, piece in enumerate(pieces):
            if pace:
                await asyncio.sleep(max(0.0, begin + position / pace - clock()))
            await send({"content": piece})
        await send({}, reason)
        await response.write(_event({**chunk, "choices": [], "usage": usage}))
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    def _refuse(self, request: web.Request) -> web.Response | None:
        key = self._settings.api_key
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key and not hmac.compare_digest(given.encode(), key.encode()):
            return _error(401, "The key is missing or wrong.")
        return None


def _read_messages(body: Any) -> list[Message]:
    """Raises `UnanswerableError` for anything but a list of messages with text."""
    messages = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(messages, list) or not messages:
        raise UnanswerableError("The request holds no messages.")
    read: list[Message] = []
    for message in messages:
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise UnanswerableError("A message needs a role and a content.")
        read.append({"role": message["role"], "content": _text_of(message.get("content"))})
    return read


def _text_of(content: Any) -> str:
    """Plain text, or the text parts of the newer form."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    raise UnanswerableError("A message's content must be text.")


def _usage(messages: Sequence[Message], sent: int) -> dict[str, int]:
    prompt = -(-sum(len(message["content"]) for message in messages) // PIECE_CHARS)
    return {"prompt_tokens": prompt, "completion_tokens": sent, "total_tokens": prompt + sent}


def _event(payload: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "invalid_request_error"}}, status=status)


async def serve_until_stopped(server: PolicyServer, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` gets the base URL once requests are answered."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with server.running() as url:
        announce(url)
        await stop.wait()
