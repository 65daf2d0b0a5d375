"""The port every model is reached through: a request in, text deltas out.

Adapters: `openai_compatible` (vLLM, llama.cpp, the embedded server) and `scripted` (no network, no weights).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from medaction.domain.prompt import Message as Message


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One model call. `model=None` means the name the adapter was opened with.

    `max_tokens` counts generated tokens; `json_schema` asks for output that satisfies the schema
    (an adapter without constrained decoding may ignore it).
    """

    messages: Sequence[Message]
    model: str | None = None
    max_tokens: int = 700
    temperature: float = 0.0
    seed: int | None = None
    json_schema: Mapping[str, Any] | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the server reports them. `cached_tokens` is the part of the prompt that was not recomputed."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer. `text` may be empty; `finish_reason` is set at most once, `usage` comes last if at all."""

    text: str = ""
    finish_reason: str | None = None
    usage: Usage | None = None


class ChatModel(Protocol):
    """A model that answers in pieces.

    `name` is what a request names; `label` is what a page shows beside the answer.
    """

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Yield the answer, or raise `ModelError`. Closing the generator or cancelling its task frees the model."""
        ...

    async def aclose(self) -> None:
        """Release connections. Streams that are still open fail."""
        ...
