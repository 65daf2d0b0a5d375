"""A language model as a policy: the dialogue is rendered, the answer parsed, and repaired once when unreadable."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from medaction.domain.actions import Turn
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import Message, render_messages, repair_message
from medaction.domain.transcript import turn_schema
from medaction.inference.errors import first_of
from medaction.inference.port import ChatModel, ChatRequest, Usage

from .policy import Reply, View


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """``constrained``: ask the server to hold its answer to the turn's JSON schema."""

    max_tokens: int = 700
    temperature: float = 0.0
    seed: int = 0
    constrained: bool = True


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a view is put into messages, and an answer read. ``schema`` (last turn or not, ids that can be cited) is what
    a server is asked to hold an answer to; None for a dialect that is no JSON."""

    render: Callable[[View], list[Message]]
    parse: Callable[..., Turn]
    repair: Callable[[Iterable[str]], Message]
    schema: Callable[[bool, Sequence[str]], dict[str, Any]] | None = None


class ChatPolicy:
    """Any :class:`ChatModel`, a scripted one too. ``render``: how a view is put into messages of our own dialect."""

    def __init__(
        self,
        model: ChatModel,
        settings: ChatSettings | None = None,
        *,
        render: Callable[[View], list[Message]] | None = None,
        dialect: Dialect | None = None,
    ) -> None:
        self._model = model
        self._settings = settings or ChatSettings()
        self._dialect = dialect or Dialect(render or render_view, parse_turn, repair_message, turn_schema)

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def label(self) -> str:
        return self._model.label

    async def answer(self, view: View) -> Reply:
        return await self._answer(view, self._settings)

    async def propose(self, view: View, count: int, seed: int, temperature: float) -> list[Reply]:
        """All at once. To let one lead until its prompt is in the server's cache was measured and gained nothing."""
        try:
            async with asyncio.TaskGroup() as group:
                sampled = (self._sampled(seed + place, temperature) for place in range(count))
                tasks = [group.create_task(self._answer(view, settings)) for settings in sampled]
        except ExceptionGroup as errors:
            raise first_of(errors) from None
        return [task.result() for task in tasks]

    def _sampled(self, seed: int, temperature: float) -> ChatSettings:
        return replace(self._settings, seed=seed % 2**31, temperature=temperature)

    async def _answer(self, view: View, settings: ChatSettings) -> Reply:
        messages = self._dialect.render(view)
        reply = await self._ask(messages, view, settings)
        if reply.turn.valid:
            return reply
        asked = self._dialect.repair(reply.turn.problems)
        again: list[Message] = [{"role": "assistant", "content": reply.text}, asked]
        repaired = await self._ask([*messages, *again], view, settings)
        usage = _sum(reply.usage, repaired.usage)
        return (
            replace(repaired, rejected=reply.text, usage=usage) if repaired.turn.valid else replace(reply, usage=usage)
        )

    async def _ask(self, messages: list[Message], view: View, settings: ChatSettings) -> Reply:
        citable = [cited for observation in view.observations for cited in observation.citable_ids]
        schema = self._dialect.schema if settings.constrained else None
        request = ChatRequest(
            messages=messages,
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            seed=settings.seed,
            json_schema=schema and schema(view.must_diagnose, citable),
        )
        pieces: list[str] = []
        usage: Usage | None = None
        async for delta in self._model.stream(request):
            pieces.append(delta.text)
            usage = delta.usage or usage
        text = "".join(pieces)
        return Reply(self._dialect.parse(text, must_diagnose=view.must_diagnose), text, usage=usage)

    async def aclose(self) -> None:
        await self._model.aclose()


def render_view(view: View) -> list[Message]:
    history = [(step.reply.text, step.observation) for step in view.steps]
    return render_messages(view.first, history, must_diagnose=view.must_diagnose, menu=view.menu)


def _sum(one: Usage | None, other: Usage | None) -> Usage | None:
    if one is None or other is None:
        return one or other
    return Usage(
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.cached_tokens + other.cached_tokens,
    )
