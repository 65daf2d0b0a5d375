"""The policy server, read by the project's own client."""

import time
from collections.abc import Sequence

import pytest

from medaction.domain.prompt import Message
from medaction.inference.errors import ModelError
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.policy_server import PolicyServer, PolicyServerSettings, ServedPolicy, UnanswerableError
from medaction.inference.port import ChatRequest

QUESTION: list[Message] = [{"role": "user", "content": "What is it?"}]


async def echo(messages: Sequence[Message]) -> str:
    if messages[-1]["content"] == "nothing":
        raise UnanswerableError("The messages hold no case.")
    return f"You said “{messages[-1]['content']}”."


def make_server(**settings: object) -> PolicyServer:
    policy = ServedPolicy("kg", "A policy", answer=echo)
    return PolicyServer([policy], PolicyServerSettings(**settings))  # type: ignore[arg-type]


async def ask(
    url: str, messages: list[Message] = QUESTION, api_key: str = "", max_tokens: int = 700
) -> tuple[str, str]:
    model = OpenAICompatibleModel(base_url=url, name="kg", api_key=api_key)
    try:
        deltas = [delta async for delta in model.stream(ChatRequest(messages, max_tokens=max_tokens))]
    finally:
        await model.aclose()
    reasons = [delta.finish_reason for delta in deltas if delta.finish_reason]
    return ["".join(delta.text for delta in deltas), *reasons]


async def test_our_client_reads_its_stream() -> None:
    async with make_server(tokens_per_second=0).running() as url:
        assert await ask(url) == ["You said “What is it?”.", "stop"]


async def test_an_answer_may_be_cut() -> None:
    async with make_server(tokens_per_second=0).running() as url:
        assert await ask(url, max_tokens=2) == ["You said", "length"]


async def test_pace() -> None:
    async with make_server(tokens_per_second=50).running() as url:
        started = time.perf_counter()
        await ask(url)
        assert time.perf_counter() - started >= 0.09


async def test_its_model_is_listed() -> None:
    async with make_server(tokens_per_second=0).running() as url:
        model = OpenAICompatibleModel(base_url=url, name="")
        assert await model.list_models() == ["kg"]
        await model.aclose()


async def test_without_the_key_nothing_is_answered() -> None:
    async with make_server(tokens_per_second=0, api_key="secret").running() as url:
        with pytest.raises(ModelError):
            await ask(url, api_key="wrong")
        assert (await ask(url, api_key="secret"))[1] == "stop"


async def test_what_cannot_be_read_is_an_error_with_a_reason() -> None:
    async with make_server(tokens_per_second=0).running() as url:
        with pytest.raises(ModelError):
            await ask(url, [{"role": "user", "content": "nothing"}])
