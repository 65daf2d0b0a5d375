"""A provider with no model behind it: text from a script, at a steady pace. For demonstrations and tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from medaction.inference.errors import ErrorCode, ModelError
from medaction.inference.port import ChatRequest, Delta, Usage
from medaction.inference.rote import answer
from medaction.inference.script import Script, load_script

PIECE_CHARS = 4
"""Characters in a piece: about what a token of English is."""


class ScriptedModel:
    """Deterministic: equal messages give equal text and equal pieces."""

    def __init__(self, script: Script, *, label: str = "", piece_chars: int = PIECE_CHARS) -> None:
        if piece_chars < 1:
            raise ValueError("piece_chars must be at least 1")
        self._script = script
        self._label = label
        self._piece_chars = piece_chars

    @classmethod
    def load(cls, name: str, *, label: str = "") -> ScriptedModel:
        """Open `walk`, or `walk@400` for 400 tokens a second; `@0` gives everything at once.

        Raises `ModelError(UNKNOWN_MODEL)`.
        """
        script_name, at, speed = name.partition("@")
        script = load_script(script_name)
        if at:
            if not speed.isascii() or not speed.isdigit():
                raise ModelError(
                    ErrorCode.UNKNOWN_MODEL, f"“{speed}” is not a speed in tokens per second.", retryable=False
                )
            first = script.first_token_seconds if int(speed) else 0.0
            script = replace(script, tokens_per_second=float(speed), first_token_seconds=first)
        return cls(script, label=label)

    @property
    def name(self) -> str:
        return f"scripted:{self._script.name}"

    @property
    def label(self) -> str:
        return self._label or self._script.label

    async def aclose(self) -> None:
        """Nothing is held."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Yield the script's answer to `request.messages`; `max_tokens` counts pieces."""
        text = answer(self._script, request.messages)
        size = self._piece_chars
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        sent = pieces[: request.max_tokens]
        clock = asyncio.get_running_loop().time
        begin = clock() + self._script.first_token_seconds
        interval = 1 / self._script.tokens_per_second if self._script.tokens_per_second else 0.0
        for position, piece in enumerate(sent):
            await asyncio.sleep(max(0.0, begin + position * interval - clock()))
            yield Delta(piece)
        prompt_chars = sum(len(message["content"]) for message in request.messages)
        usage = Usage(prompt_tokens=-(-prompt_chars // PIECE_CHARS), completion_tokens=len(sent))
        yield Delta(finish_reason="stop" if len(sent) == len(pieces) else "length", usage=usage)
