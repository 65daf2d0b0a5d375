"""One suite for every engine. `pytest tests/contract` asks the embedded server; a real vLLM is asked by

VLLM_URL=http://host:8000/v1 VLLM_API_KEY=… pytest tests/contract      (or: make contract MODEL_URL=… MODEL_API_KEY=…)
"""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from medaction.domain.parser import parse_turn
from medaction.domain.prompt import EXAMPLE, SYSTEM
from medaction.domain.transcript import turn_schema
from medaction.inference.errors import ErrorCode
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.port import ChatRequest, Message
from tests.contract.server import LOOK_SECONDS, Server
from tests.medaction.inference.reading import read

pytestmark = [pytest.mark.model, pytest.mark.asyncio]
STOP_SECONDS = 1.0
COUNT: list[Message] = [{"role": "user", "content": "Count from one to a thousand, one number after another."}]
CASE: list[Message] = [
    {"role": "system", "content": SYSTEM},
    *EXAMPLE,
    {
        "role": "user",
        "content": "[o1.1] A 35-year-old woman has double vision.\n[o1.2] It is better after rest.\nTurn 1.",
    },
]
# Whatever the model: an answer that is not at its end before thousands of tokens.
ENDLESS = {"type": "array", "items": {"enum": ["one", "two", "three"]}, "minItems": 1000}
CHOICE = {
    "type": "object",
    "properties": {"urgent": {"type": "boolean"}, "test": {"enum": ["ECG", "CT", "none"]}},
    "required": ["urgent", "test"],
    "additionalProperties": False,
}


async def test_it_lists_its_models(server: Server, model: OpenAICompatibleModel) -> None:
    health = await model.health()
    assert health.ok, health.message
    assert health.models


async def test_an_answer_comes_in_pieces_as_it_is_written(model: OpenAICompatibleModel) -> None:
    began = time.monotonic()
    request = ChatRequest(COUNT, max_tokens=24, json_schema=ENDLESS)
    arrivals = [(time.monotonic() - began, delta) async for delta in model.stream(request)]
    words = [(at, delta.text) for at, delta in arrivals if delta.text]
    assert len(words) > 5
    assert words[0][0] < words[-1][0] * 0.9, "everything came at once"
    reasons = [delta.finish_reason for _, delta in arrivals if delta.finish_reason]
    assert reasons == ["length"]


async def test_tokens_are_limited_and_counted(model: OpenAICompatibleModel) -> None:
    first, again = [await read(model, ChatRequest(COUNT, max_tokens=8, json_schema=ENDLESS)) for _ in range(2)]
    assert first.error is None
    assert first.usage is not None
    assert again.usage is not None
    assert (first.finish_reason, first.usage.completion_tokens) == ("length", 8)
    assert first.usage.prompt_tokens == again.usage.prompt_tokens > 10


async def test_the_beginning_of_a_prompt_is_read_once(model: OpenAICompatibleModel) -> None:
    """A longer dialogue that begins with the same bytes; servers keep whole blocks of it."""
    history: Message = {"role": "user", "content": " ".join(f"Finding {number} is unchanged." for number in range(40))}
    await read(model, ChatRequest([*CASE, history], max_tokens=1))
    following: list[Message] = [{"role": "assistant", "content": "Noted."}, {"role": "user", "content": "Turn 2."}]
    second = await read(model, ChatRequest([*CASE, history, *following], max_tokens=1))
    assert second.usage is not None
    assert second.usage.cached_tokens >= 0.8 * second.usage.prompt_tokens - 128


async def test_it_stops_at_a_stop_word(model: OpenAICompatibleModel) -> None:
    schema = {"type": "object", "properties": {"a": {"const": "alpha beta gamma"}}, "required": ["a"]}
    answer = await read(model, ChatRequest(COUNT, max_tokens=40, json_schema=schema, stop=("beta",)))
    assert answer.finish_reason == "stop"
    assert "alpha" in answer.text
    assert "beta" not in answer.text


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_json_schema_is_kept_at_any_temperature(model: OpenAICompatibleModel, seed: int) -> None:
    request = ChatRequest(CASE, max_tokens=60, temperature=1.5, seed=seed, json_schema=CHOICE)
    answer = await read(model, request)
    assert answer.finish_reason == "stop"
    choice = json.loads(answer.text)
    assert set(choice) == {"urgent", "test"}
    assert choice["test"] in {"ECG", "CT", "none"}


@pytest.mark.parametrize("must_diagnose", [False, True])
async def test_a_turn_in_our_own_schema_can_be_read(model: OpenAICompatibleModel, must_diagnose: bool) -> None:
    schema = turn_schema(must_diagnose, ["o1.1", "o1.2"])
    answer = await read(model, ChatRequest(CASE, max_tokens=900, temperature=0.5, seed=3, json_schema=schema))
    assert answer.finish_reason == "stop"
    turn = parse_turn(answer.text, must_diagnose=must_diagnose)
    assert turn.valid, turn.problems
    cited = {piece for entry in turn.differential for piece in (*entry.supporting, *entry.contradicting)}
    assert cited <= {"o1.1", "o1.2"}


async def test_seed_and_temperature_decide_the_words(model: OpenAICompatibleModel) -> None:
    def request(temperature: float, seed: int) -> ChatRequest:
        return ChatRequest(COUNT, max_tokens=16, temperature=temperature, seed=seed)

    greedy = [(await read(model, request(0.0, seed))).text for seed in (1, 2)]
    assert greedy[0] == greedy[1]
    drawn = [(await read(model, request(1.5, seed))).text for seed in (7, 7, 8, 9)]
    assert drawn[0] == drawn[1]
    assert len({*drawn}) > 1


async def test_two_answers_are_written_side_by_side(model: OpenAICompatibleModel) -> None:
    order: list[int] = []

    async def ask(number: int) -> str | None:
        reason = None
        async for delta in model.stream(ChatRequest(COUNT, max_tokens=16, seed=number, json_schema=ENDLESS)):
            order.append(number)
            reason = delta.finish_reason or reason
        return reason

    assert await asyncio.gather(ask(1), ask(2)) == ["length", "length"]
    assert order.index(1) < len(order) - 1 - order[::-1].index(2)
    assert order.index(2) < len(order) - 1 - order[::-1].index(1)


# What goes wrong is a `ModelError` with a sentence.


async def test_a_name_it_does_not_serve(server: Server) -> None:
    stranger = server.model(name="no-such-model")
    health = await stranger.health()
    answer = await read(stranger, ChatRequest(COUNT, max_tokens=2))
    await stranger.aclose()
    assert not health.ok
    assert "no-such-model" in health.message
    if server.refuses_unknown_models:
        assert answer.code is ErrorCode.HTTP_STATUS
        assert answer.error is not None
        assert not answer.error.retryable
        assert "no-such-model" in answer.error.message
    else:
        assert answer.error is None


async def test_a_prompt_that_is_too_long(model: OpenAICompatibleModel) -> None:
    answer = await read(model, ChatRequest([{"role": "user", "content": "fever " * 20_000}], max_tokens=2))
    assert answer.code is ErrorCode.HTTP_STATUS
    assert answer.error is not None
    assert not answer.error.retryable
    assert "context" in answer.error.message
    assert "{" not in answer.error.message, "the server's sentence, not its JSON"


async def test_a_schema_that_is_none(model: OpenAICompatibleModel) -> None:
    answer = await read(model, ChatRequest(COUNT, max_tokens=4, json_schema={"type": "nonsense"}))
    assert answer.code in {ErrorCode.HTTP_STATUS, ErrorCode.UPSTREAM_ERROR}
    assert answer.error is not None
    assert "{" not in answer.error.message
    assert (await read(model, ChatRequest(COUNT, max_tokens=2))).error is None, "the server lives on"


async def test_a_wrong_key(server: Server) -> None:
    if not server.key:
        pytest.skip("this server asks for no key")
    stranger = server.model(key="guess")
    answer = await read(stranger, ChatRequest(COUNT, max_tokens=2))
    await stranger.aclose()
    assert answer.code is ErrorCode.HTTP_STATUS
    assert answer.error is not None
    assert not answer.error.retryable


# Stop really ends generation: not the stream alone, but the work behind it.


async def test_closing_the_answer_ends_its_generation(server: Server, model: OpenAICompatibleModel) -> None:
    await server.wait_until_idle(seconds=10)
    answer = model.stream(ChatRequest(COUNT, max_tokens=3000, json_schema=ENDLESS))
    for _ in range(4):
        await anext(answer)
    assert await server.count_busy() == 1
    await answer.aclose()
    took = await server.wait_until_idle(seconds=STOP_SECONDS)
    print(f"idle {took * 1000:.0f} ms after Stop")  # noqa: T201 - the figure that docs/guides/serving.md names


async def test_stopping_a_task_before_its_first_word_ends_its_generation(
    server: Server, model: OpenAICompatibleModel
) -> None:
    await server.wait_until_idle(seconds=10)
    prompt: Message = {"role": "user", "content": " ".join(f"Sign {number} is absent." for number in range(60))}
    task = asyncio.create_task(read(model, ChatRequest([prompt], max_tokens=2000)))
    began = time.monotonic()
    while not await server.count_busy():
        assert time.monotonic() - began < 20, "the server never began"
        await asyncio.sleep(LOOK_SECONDS)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # A batch of the prompt that is being read is read to its end; on a busy processor that takes a while.
    await server.wait_until_idle(seconds=60)
