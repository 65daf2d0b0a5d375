"""Scripts answer by the messages alone, always alike."""

from __future__ import annotations

import asyncio
import json
import re
import time

import pytest

from medaction.domain.prompt import LAST_TURN
from medaction.inference.errors import ErrorCode, ModelError
from medaction.inference.port import ChatModel, ChatRequest, Message
from medaction.inference.registry import ModelSpec, open_model
from medaction.inference.script import load_suspicions, script_names
from tests.medaction.inference.reading import MESSAGES, read


def scripted(name: str) -> ChatModel:
    return open_model(ModelSpec.from_url(f"scripted:{name}"))


async def dialogue(name: str, turns: int, *, last: str = "") -> list[str]:
    """The answers to a dialogue in which every order comes back with one result."""
    messages = list(MESSAGES)
    answers = []
    for turn in range(2, 2 + turns):
        if turn == turns + 1 and last:
            newest = messages.pop()
            messages.append({"role": "user", "content": newest["content"] + last})
        answers.append((await read(scripted(name), ChatRequest(messages=messages))).text)
        observation: Message = {"role": "user", "content": f"[r{turn}.1] Examination: RESULT\nPtosis. Chewing is weak."}
        messages += [{"role": "assistant", "content": answers[-1]}, observation]
    return answers


async def test_walk_orders_and_then_diagnoses() -> None:
    turns = [json.loads(text) for text in await dialogue("walk@0", 5, last=f"\n{LAST_TURN}")]
    assert [turn["action"]["type"] for turn in turns] == ["order"] * 4 + ["diagnose"]
    assert turns[-1]["action"]["dx"] == "Myasthenia gravis"
    for turn in turns:
        assert list(turn) == ["reasoning", "differential", "action"]
        assert 60 <= len(turn["reasoning"].split()) <= 115
        assert "{" not in turn["reasoning"]
        assert len(turn["differential"]) == 3
        assert sum(hypothesis["p"] for hypothesis in turn["differential"]) <= 1
        cited = {key for hypothesis in turn["differential"] for key in hypothesis["for"]}
        assert cited
        assert cited <= {"o1.1", "o1.2", "r2.1", "r3.1", "r4.1", "r5.1"}


async def test_walk_diagnoses_whenever_it_is_the_last_turn() -> None:
    (text,) = await dialogue("walk@0", 1, last=f"\n{LAST_TURN}")
    assert json.loads(text)["action"]["type"] == "diagnose"


async def test_a_repair_on_the_last_turn_still_diagnoses() -> None:
    messages = [*MESSAGES[:-1], {"role": "user", "content": f"[o1.1] Cough.\n{LAST_TURN}"}]
    messages += [{"role": "assistant", "content": "?"}, {"role": "user", "content": "Answer again."}]
    reading = await read(scripted("walk@0"), ChatRequest(messages=messages))
    assert json.loads(reading.text)["action"]["type"] == "diagnose"


async def test_cites_only_what_was_shown() -> None:
    messages: list[Message] = [
        {"role": "system", "content": "cite [o1.9]"},
        {"role": "user", "content": "[o1.1] Tired."},
    ]
    text = (await read(scripted("walk@0"), ChatRequest(messages=messages))).text
    assert set(re.findall(r"o1\.\d", text)) == {"o1.1"}


@pytest.mark.parametrize("name", script_names())
async def test_same_messages_same_pieces(name: str) -> None:
    async def pieces() -> list[str]:
        return [delta.text async for delta in scripted(f"{name}@0").stream(ChatRequest(messages=MESSAGES))]

    assert await pieces() == await pieces()


async def test_garbage_is_never_a_turn() -> None:
    for text in await dialogue("garbage@0", 4, last=f"\n{LAST_TURN}"):
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)


async def test_half_stumbles_once() -> None:
    texts = await dialogue("half@0", 3)
    assert json.loads(texts[0])
    with pytest.raises(json.JSONDecodeError):
        json.loads(texts[1])
    assert json.loads(texts[2])


async def test_pace() -> None:
    began = time.monotonic()
    reading = await read(scripted("walk@200"), ChatRequest(messages=MESSAGES, max_tokens=61))
    assert 0.5 < time.monotonic() - began < 1.5
    assert reading.finish_reason == "length"
    assert reading.usage is not None
    assert reading.usage.completion_tokens == 61


async def test_slow_start_can_be_cancelled() -> None:
    task = asyncio.create_task(read(scripted("slow-start")))
    await asyncio.sleep(0.05)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("name", ["", "cues", "no-such", "../walk", "walk@fast", "walk@-1", "walk@"])
def test_unknown_scripts(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        scripted(name)
    assert caught.value.code is ErrorCode.UNKNOWN_MODEL


def test_every_script_says_that_it_is_not_a_model() -> None:
    assert all("no model" in scripted(name).label for name in script_names())


def test_suspicions_are_usable() -> None:
    suggested, fallback = load_suspicions()
    assert len(fallback) == 3
    assert all(entry.tests and len(entry.tests) <= 3 for entry in suggested + fallback)
    assert all(word == word.lower() for entry in suggested for word in entry.words)
