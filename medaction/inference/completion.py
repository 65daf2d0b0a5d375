"""A chat completion as a server sends it: the request read, and the answer streamed or whole."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import web

from medaction.domain.prompt import Message
from medaction.inference.errors import ModelError
from medaction.inference.port import ChatRequest, Delta, Usage

UNBOUNDED = 0
"""`max_tokens` of a request that sets no bound."""


class BadRequestError(ValueError):
    """A request that cannot be answered; the text is one sentence."""


class Completion:
    """An answer on its way. After `begin` its first piece is there, so that an early fault is a plain error."""

    def __init__(self, model: str, deltas: AsyncGenerator[Delta, None]) -> None:
        self.identity = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": model}
        self._deltas = deltas
        self._first: Delta | None = None

    async def begin(self) -> None:
        """Raises what the policy raises."""
        self._first = await anext(self._deltas, None)

    async def pieces(self) -> AsyncGenerator[Delta, None]:
        if self._first is not None:
            yield self._first
            async for delta in self._deltas:
                yield delta


def read_request(body: Any) -> ChatRequest:
    """What a client asks for. `model` is None when it names none. Raises `BadRequestError`."""
    messages = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(messages, list) or not messages:
        raise BadRequestError("The request holds no messages.")
    limit, name, seed = body.get("max_tokens"), body.get("model"), body.get("seed")
    temperature = body.get("temperature")
    form = body.get("response_format")
    wanted = form.get("json_schema") if isinstance(form, dict) else None
    schema = wanted.get("schema") if isinstance(wanted, dict) else None
    return ChatRequest(
        messages=[_read_message(message) for message in messages],
        model=name if isinstance(name, str) and name else None,
        max_tokens=limit if isinstance(limit, int) and limit > 0 else UNBOUNDED,
        temperature=float(temperature) if isinstance(temperature, int | float) else 0.0,
        seed=seed if isinstance(seed, int) else None,
        json_schema=schema if isinstance(schema, dict) else None,
    )


def _read_message(message: Any) -> Message:
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise BadRequestError("A message needs a role and a content.")
    return {"role": message["role"], "content": _text_of(message.get("content"))}


def _text_of(content: Any) -> str:
    """Plain text, or the text parts of the newer form."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    raise BadRequestError("A message's content must be text.")


async def send_whole(completion: Completion) -> web.Response:
    """Raises `ModelError` when the answer breaks off."""
    text, reason, usage = "", "stop", Usage()
    async for delta in completion.pieces():
        text += delta.text
        reason, usage = delta.finish_reason or reason, delta.usage or usage
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}
    document = {**completion.identity, "object": "chat.completion", "choices": [choice], "usage": _counts(usage)}
    return web.json_response(document)


async def send_stream(request: web.Request, completion: Completion) -> web.StreamResponse:
    """An answer that breaks off ends with an event that says why, and without `[DONE]`."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    chunk = {**completion.identity, "object": "chat.completion.chunk"}

    async def send(delta: dict[str, str], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        await response.write(_event({**chunk, "choices": [choice]}))

    await send({"role": "assistant", "content": ""})
    try:
        async for delta in completion.pieces():
            if delta.text:
                await send({"content": delta.text})
            if delta.finish_reason:
                await send({}, delta.finish_reason)
            if delta.usage:
                await response.write(_event({**chunk, "choices": [], "usage": _counts(delta.usage)}))
        await response.write(b"data: [DONE]\n\n")
    except ModelError as error:
        await response.write(_event(_fault(error.message, "server_error")))
    await response.write_eof()
    return response


def send_error(status: int, message: str) -> web.Response:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return web.json_response(_fault(message, kind), status=status)


def _fault(message: str, kind: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind}}


def _counts(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def _event(payload: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()
