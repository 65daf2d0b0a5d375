"""The client against a server in the same loop, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest

from medaction.inference.errors import ErrorCode, ModelError
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.port import ChatRequest, Usage
from medaction.inference.timeouts import Timeouts
from tests.fake_upstream import Answer, FakeUpstream, Hang, Raw, expected_text
from tests.medaction.inference.conftest import OpenModel
from tests.medaction.inference.reading import MESSAGES, read

PLAIN: list[Any] = [dict(message) for message in MESSAGES]


async def until_ended(upstream: FakeUpstream) -> float:
    """Seconds until the server saw the end of its only request."""
    began = time.monotonic()
    while upstream.live:  # noqa: ASYNC110 - the server under observation has no reason to tell
        await asyncio.sleep(0.005)
    return time.monotonic() - began


async def test_reads_the_whole_answer_and_its_usage(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    reading = await read(open_fake())
    assert reading.text == expected_text(PLAIN, tokens=20)
    assert reading.finish_reason == "stop"
    assert isinstance(reading.usage, Usage)
    assert reading.usage.completion_tokens == upstream.log[0].tokens_sent


async def test_the_request_says_all_that_was_asked(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    schema = {"type": "object"}
    request = ChatRequest(
        MESSAGES, model="other", max_tokens=7, temperature=0.5, seed=3, json_schema=schema, stop=("END",)
    )
    await read(open_fake(), request)
    assert upstream.log[0].body == {
        "model": "other",
        "messages": PLAIN,
        "max_tokens": 7,
        "temperature": 0.5,
        "seed": 3,
        "stop": ["END"],
        "stream": True,
        "stream_options": {"include_usage": True},
        "response_format": {"type": "json_schema", "json_schema": {"name": "turn", "schema": schema, "strict": True}},
    }


async def test_without_a_name_the_first_listed_model_is_asked(open_fake: OpenModel, upstream: FakeUpstream) -> None:
    model = open_fake(name="")
    await read(model)
    assert upstream.log[0].model == model.name == "fake"


async def test_health(open_fake: OpenModel) -> None:
    assert (await open_fake().health()).ok
    stranger = await open_fake(name="llama").health()
    assert not stranger.ok
    assert "llama" in stranger.message
    assert "fake" in stranger.message


async def test_health_of_nobody(unused_tcp_port: int) -> None:
    model = OpenAICompatibleModel(base_url=f"http://127.0.0.1:{unused_tcp_port}")
    health = await model.health()
    assert not health.ok
    assert str(unused_tcp_port) in health.message
    assert (await read(model)).code is ErrorCode.UNREACHABLE
    await model.aclose()


async def test_a_connection_that_never_stands() -> None:
    # The listener's queue takes the TCP connection, but nobody answers the TLS handshake.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base_url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        model = OpenAICompatibleModel(base_url=base_url, name="x", timeouts=Timeouts(connect=0.3, first_token=5))
        assert (await read(model)).code is ErrorCode.CONNECT_TIMEOUT
        await model.aclose()


async def test_total_limit(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    upstream.default = Answer(tokens=1000, tps=50)
    began = time.monotonic()
    reading = await read(open_fake(timeouts=Timeouts(connect=1, first_token=1, idle=1, total=0.5)))
    assert reading.code is ErrorCode.TOTAL_TIMEOUT
    assert reading.text
    assert 0.4 < time.monotonic() - began < 1
    assert await until_ended(upstream) < 0.5


@pytest.mark.parametrize("limits", [{"first_token": 0.3}, {"total": 0.3}])
async def test_headers_that_never_come(upstream: FakeUpstream, open_fake: OpenModel, limits: dict[str, float]) -> None:
    upstream.default = Answer(mode="hang_before_headers")
    began = time.monotonic()
    reading = await read(open_fake(timeouts=Timeouts(**limits)))
    assert reading.code is ErrorCode.FIRST_TOKEN_TIMEOUT
    assert 0.2 < time.monotonic() - began < 0.8


async def test_a_slow_reader_is_not_a_slow_server(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    upstream.default = Answer(tokens=6, tps=50, shape="lorem")
    text = ""
    async for delta in open_fake(timeouts=Timeouts(first_token=0.2, idle=0.2)).stream(ChatRequest(MESSAGES)):
        text += delta.text
        await asyncio.sleep(0.25)
    assert text == expected_text(PLAIN, tokens=6, shape="lorem")


async def test_many_pieces_do_not_outlive_the_idle_limit(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    upstream.default = Answer(tokens=40, tps=40, shape="lorem")
    reading = await read(open_fake(timeouts=Timeouts(first_token=0.5, idle=0.2)))
    assert reading.code is None
    assert reading.text == expected_text(PLAIN, tokens=40, shape="lorem")


@pytest.mark.parametrize("answer", [Answer(tokens=500, tps=50), Answer(mode="hang_before_first_token")])
async def test_cancelling_the_task_closes_the_socket(
    upstream: FakeUpstream, open_fake: OpenModel, answer: Answer
) -> None:
    upstream.default = answer
    task = asyncio.create_task(read(open_fake(timeouts=Timeouts())))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await until_ended(upstream) < 0.5
    assert upstream.log[0].end == "disconnected"


async def test_cancelling_before_the_headers_closes_the_socket(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    upstream.queue.append(Raw([Hang()], head=b""))
    task = asyncio.create_task(read(open_fake(timeouts=Timeouts())))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await until_ended(upstream) < 0.5


async def test_closing_the_generator_closes_the_socket(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    upstream.default = Answer(tokens=500, tps=50)
    answer = open_fake().stream(ChatRequest(MESSAGES))
    await anext(answer)
    await answer.aclose()
    assert await until_ended(upstream) < 0.5
    assert upstream.log[0].end == "disconnected"


async def test_streams_share_a_model(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    upstream.default = Answer(tokens=20, tps=200)
    model = open_fake()
    requests = [ChatRequest([{"role": "user", "content": f"[o1.1] case {n}"}]) for n in range(30)]
    readings = await asyncio.gather(*(read(model, request) for request in requests))
    expected = [expected_text([dict(message) for message in request.messages], tokens=20) for request in requests]
    assert [reading.text for reading in readings] == expected
    assert len(set(expected)) == 30


@pytest.mark.parametrize(("mode", "retryable"), [("status500", True), ("status429", True), ("redirect", False)])
async def test_refusals(upstream: FakeUpstream, open_fake: OpenModel, mode: str, retryable: bool) -> None:
    upstream.default = Answer(mode=mode)
    reading = await read(open_fake())
    assert isinstance(reading.error, ModelError)
    assert reading.error.retryable is retryable
