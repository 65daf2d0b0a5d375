"""Asking the model for one turn: once, and once more if the answer cannot be read."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace

from diagnosis.services import Answer, TurnPlan
from diagnosis.tasks.running import RunningTurn
from medaction.domain.actions import Turn
from medaction.domain.prompt import repair_message
from medaction.inference.port import ChatModel, ChatRequest, Usage

_UNSTORABLE: Mapping[int, str] = {0: "\ufffd"} | dict.fromkeys(range(55296, 57344), "�")


async def ask(model: ChatModel, plan: TurnPlan, running: RunningTurn) -> Answer:
    """Stream the answer into ``running.answer``. Raises ``ModelError``; cancelling frees the model at once.

    A second answer that cannot be read either is returned as it is: a counted format failure, not an error.
    """
    clock = asyncio.get_running_loop().time
    started = clock()
    turn, finish_reason, usage, first = await _stream(model, plan.request, running)
    rejected = None
    if not turn.valid:
        rejected = running.answer.text
        running.answer.restart()
        again = _repair(plan.request, rejected, turn)
        turn, finish_reason, more, _ = await _stream(model, again, running)
        usage = _add(usage, more)
    await running.answer.drain()
    return Answer(
        text=running.answer.text,
        turn=turn,
        rejected_text=rejected,
        finish_reason=finish_reason,
        usage=usage,
        first_token_ms=None if first is None else round((first - started) * 1000),
        total_ms=round((clock() - started) * 1000),
    )


async def _stream(
    model: ChatModel, request: ChatRequest, running: RunningTurn
) -> tuple[Turn, str | None, Usage, float | None]:
    """One call. Returns the turn, why the model ended, what it counted, and when the first text came (loop time)."""
    clock = asyncio.get_running_loop().time
    answer = running.answer
    finish_reason, usage, first = None, Usage(), None
    async with aclosing(model.stream(request)) as deltas:
        async for delta in deltas:
            if delta.text:
                if first is None:
                    first = clock()
                    running.saw_text()
                text = delta.text
                # PostgreSQL stores neither NUL nor half a surrogate pair.
                answer.write(text if text.isascii() and "\x00" not in text else text.translate(_UNSTORABLE))
            finish_reason = delta.finish_reason or finish_reason
            usage = delta.usage or usage
    return answer.finish_turn(), finish_reason, usage, first


def _repair(request: ChatRequest, rejected: str, turn: Turn) -> ChatRequest:
    """The same request with the answer that could not be read and what was wrong with it; another seed."""
    seed = None if request.seed is None else request.seed ^ 1
    messages = [*request.messages, {"role": "assistant", "content": rejected}, dict(repair_message(turn.problems))]
    return replace(request, messages=messages, seed=seed)


def _add(first: Usage, second: Usage) -> Usage:
    return Usage(
        prompt_tokens=first.prompt_tokens + second.prompt_tokens,
        completion_tokens=first.completion_tokens + second.completion_tokens,
        cached_tokens=first.cached_tokens + second.cached_tokens,
    )
