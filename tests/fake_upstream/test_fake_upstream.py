"""The fake is what the rest is measured against, so it is tested itself."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.fake_upstream import MODES, Answer, FakeUpstream, expected_text, running
from tests.fake_upstream.server import answer_from
from tests.fake_upstream.text import Message

MESSAGES: list[Message] = [{"role": "user", "content": "[o1.1] Cough for three weeks."}]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def text_of(
    session: aiohttp.ClientSession, url: str, model: str = "fake", messages: list[Message] = MESSAGES
) -> str:
    text = ""
    async with session.post(f"{url}/chat/completions", json={"model": model, "messages": messages}) as response:
        async for line in response.content:
            if line.startswith(b"data: {"):
                choices = json.loads(line[6:])["choices"]
                text += (choices[0]["delta"].get("content") or "") if choices else ""
    return text


@pytest.mark.parametrize("shape", ["turn", "lorem", "empty"])
async def test_says_what_was_expected(session: aiohttp.ClientSession, shape: str) -> None:
    async with FakeUpstream(Answer(tokens=50, tps=0, shape=shape)) as upstream:
        assert await text_of(session, upstream.url) == expected_text(MESSAGES, tokens=50, shape=shape)


def test_another_case_another_text() -> None:
    assert expected_text(MESSAGES) != expected_text([{"role": "user", "content": "[o1.1] Headache."}])


def test_a_turn_is_one_and_diagnoses_in_the_end() -> None:
    assert json.loads(expected_text(MESSAGES))["action"]["type"] == "order"
    last = [{"role": "user", "content": "[o1.1] Cough.\nThis is your last turn: give the final diagnosis."}]
    assert json.loads(expected_text(last))["action"]["type"] == "diagnose"


async def test_stamps_are_times_of_sending(session: aiohttp.ClientSession) -> None:
    async with FakeUpstream(Answer(tokens=10, tps=100, shape="stamps")) as upstream:
        before = time.monotonic_ns()
        turn = json.loads(await text_of(session, upstream.url))
    stamps = [int(stamp) for stamp in turn["reasoning"].split()]
    assert len(stamps) == 10
    assert stamps == sorted(stamps)
    assert before < stamps[0] < stamps[-1] < time.monotonic_ns()


async def test_keeps_its_pace(session: aiohttp.ClientSession) -> None:
    async with FakeUpstream(Answer(tokens=50, tps=100, shape="lorem")) as upstream:
        await asyncio.gather(*(text_of(session, upstream.url) for _ in range(20)))
        spans = [record.ended_at - record.at for record in upstream.log if record.ended_at]
    assert len(spans) == 20
    assert 0.45 < min(spans) <= max(spans) < 0.8


async def test_the_model_name_chooses(session: aiohttp.ClientSession) -> None:
    async with FakeUpstream() as upstream:
        text = await text_of(session, upstream.url, "fake?mode=lorem&tokens=3&tps=0")
        assert text == expected_text(MESSAGES, tokens=3, shape="lorem")
        assert upstream.log[0].end == "finished"


async def test_the_queue_comes_before_the_default(session: aiohttp.ClientSession) -> None:
    async with FakeUpstream(Answer(tokens=2, tps=0, shape="lorem")) as upstream:
        control = upstream.url.replace("/v1", "/_control")
        await session.post(f"{control}/next", json=[{"tokens": 4}])
        lengths = [len((await text_of(session, upstream.url)).split()) for _ in range(2)]
        await session.post(f"{control}/default", json={"tokens": 6})
        lengths.append(len((await text_of(session, upstream.url)).split()))
    assert lengths == [4, 2, 6]


@pytest.mark.parametrize("mode", sorted(MODES))
async def test_every_mode_ends_when_the_client_leaves(session: aiohttp.ClientSession, mode: str) -> None:
    async with FakeUpstream(Answer(mode=mode, tokens=500)) as upstream:
        with pytest.raises((TimeoutError, aiohttp.ClientError)):
            await _read_briefly(session, upstream.url)
        await asyncio.sleep(0.05)
        assert upstream.live == 0
        assert upstream.log[0].end is not None


async def _read_briefly(session: aiohttp.ClientSession, url: str) -> None:
    async with (
        asyncio.timeout(0.1),
        session.post(f"{url}/chat/completions", json={"model": "m", "messages": []}) as response,
    ):
        while await response.content.readany():
            pass
        raise aiohttp.ClientError("ended by itself")


def test_unknown_modes_are_refused() -> None:
    with pytest.raises(ValueError, match="no_such"):
        answer_from({"mode": "no_such"}, Answer())


def test_as_a_process() -> None:
    with running("--tps", "0", "--tokens", "5", "--api-key", "k", "--model", "other") as upstream:
        assert upstream.control("state")["default"]["tokens"] == 5
        assert upstream.log() == []
    assert upstream.process.returncode == 0
