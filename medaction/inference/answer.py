"""The body of a streamed chat completion → `Delta`s. Pure: no network, no clock.

A stream is complete when a `finish_reason` or `[DONE]` was seen; anything else is an error, never a shorter answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from medaction.inference.errors import ErrorCode, ModelError
from medaction.inference.excerpt import error_excerpt
from medaction.inference.port import Delta, Usage
from medaction.inference.sse import Event, OversizedEventError, SSEParser

MAX_ANSWER_CHARS = 1_000_000
_DONE = b"[DONE]"
_FAILED_REASONS = frozenset({"error", "abort"})


class AnswerParser:
    """Reads one answer from bytes in any chunking.

    `pieces` counts the chunks that carried generated text, visible or not (a reasoning model's hidden thoughts count,
    a role or an empty delta does not). `finish_reason` and `done` (`[DONE]` seen) say how far the answer has ended.
    """

    __slots__ = ("_chars", "_seen_choice", "_sse", "done", "finish_reason", "pieces")

    def __init__(self) -> None:
        self._sse = SSEParser()
        self._seen_choice = False
        self._chars = 0
        self.pieces = 0
        self.finish_reason: str | None = None
        self.done = False

    def feed(self, chunk: bytes) -> Iterator[Delta]:
        """Yield what `chunk` adds. Raises `ModelError` after what came before the fault was yielded."""
        try:
            events = self._sse.feed(chunk)
        except OversizedEventError as error:
            raise _bad("The model server sent an overlong line.") from error
        yield from self._read_all(events)

    def finish(self) -> Iterator[Delta]:
        """Yield what the end of the body completes. Raises `ModelError(TRUNCATED_STREAM)` for a broken-off answer."""
        try:
            yield from self._read_all(self._sse.finish())
        except ModelError as error:
            # The last line was cut, so that it cannot be read is the cut's fault.
            if error.code is not ErrorCode.BAD_STREAM:
                raise
        if not self.done and self.finish_reason is None:
            raise ModelError(ErrorCode.TRUNCATED_STREAM, "The model server broke off in the middle of its answer.")

    def _read_all(self, events: list[Event]) -> Iterator[Delta]:
        for event in events:
            if self.done:
                return
            delta = self._read(event)
            if delta is not None:
                yield delta

    def _read(self, event: Event) -> Delta | None:
        data = event.data
        if data.strip() == _DONE:
            if not self._seen_choice:
                raise _bad("The model server ended its answer before it began.")
            self.done = True
            return None
        try:
            payload = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            if event.name == "error":
                raise _upstream_error(data) from error
            raise _bad("The model server sent something that is not a piece of an answer.") from error
        if not isinstance(payload, dict):
            raise _bad("The model server sent something that is not a piece of an answer.")
        if event.name == "error" or payload.get("error") or payload.get("object") == "error":
            raise _upstream_error(data)
        text, reason = self._read_choice(payload.get("choices"))
        usage = _read_usage(payload)
        if not text and reason is None and usage is None:
            return None
        return Delta(text, reason, usage)

    def _read_choice(self, choices: Any) -> tuple[str, str | None]:
        if not choices:
            return "", None
        if not isinstance(choices, list):
            raise _bad("The model server sent a piece of an answer in an unknown shape.")
        for choice in choices:
            if not isinstance(choice, dict):
                raise _bad("The model server sent a piece of an answer in an unknown shape.")
            if choice.get("index", 0) == 0:
                break
        else:
            return "", None
        self._seen_choice = True
        text = self._read_text(choice)
        reason = choice.get("finish_reason")
        if reason is None:
            return text, None
        if reason in _FAILED_REASONS:
            raise ModelError(ErrorCode.UPSTREAM_ERROR, "The model server gave up in the middle of its answer.")
        if self.finish_reason is not None:
            return text, None
        self.finish_reason = str(reason)
        return text, self.finish_reason

    def _read_text(self, choice: dict[str, Any]) -> str:
        delta = choice.get("delta")
        if delta is None:
            # A completion in another dialect would otherwise read as an empty answer.
            if "text" in choice or "message" in choice:
                raise _bad("The model server did not answer in the chat format that was asked for.")
            return ""
        if not isinstance(delta, dict):
            raise _bad("The model server sent a piece of an answer in an unknown shape.")
        text = delta.get("content")
        if text is None or text == "":
            if delta.get("reasoning_content") or delta.get("reasoning"):
                self.pieces += 1
            return ""
        if not isinstance(text, str):
            raise _bad("The model server sent a piece of an answer that is not text.")
        if self.finish_reason is not None:
            raise _bad("The model server went on after the end of its answer.")
        self.pieces += 1
        self._chars += len(text)
        if self._chars > MAX_ANSWER_CHARS:
            raise _bad("The model's answer is too long.")
        return text


def _read_usage(payload: dict[str, Any]) -> Usage | None:
    usage = payload.get("usage")
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")), _count(cached))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _bad(message: str) -> ModelError:
    return ModelError(ErrorCode.BAD_STREAM, message)


def _upstream_error(data: bytes) -> ModelError:
    said = error_excerpt(data)
    return ModelError(ErrorCode.UPSTREAM_ERROR, "The model server reported an error" + (f": {said}" if said else "."))
