"""``medaction serve-policy`` as its own process, read over HTTP as any OpenAI client would."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from medaction.distill.policies.assisted_prompt import SYSTEM
from medaction.domain.environment import Environment
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import Message, render_messages
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.port import ChatRequest
from tests.fake_upstream import Answer, FakeUpstream
from tests.medaction.distill.small_cases import make_case

PATIENCE_S = 120


@pytest.fixture(scope="module")
def served(cache: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [sys.executable, "-m", "medaction.cli", "serve-policy", "kg", "--port", "0", "--pace", "0", "--json"]
    environment = {**os.environ, "MEDACTION_CACHE": str(cache), "POLICY_API_KEY": "open-sesame"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        announced = json.loads(process.stdout.readline())
        assert announced["name"] == "kg"
        yield announced["url"], process
    finally:
        process.terminate()
        process.wait(timeout=20)


def ask(url: str, messages: list[Message], **more: object) -> httpx.Response:
    return httpx.post(
        f"{url}/chat/completions",
        headers={"Authorization": "Bearer open-sesame"},
        json={"model": "kg", "messages": messages, **more},
        timeout=PATIENCE_S,
    )


def opening() -> list[Message]:
    return render_messages(Environment(make_case()).reset(), [], must_diagnose=False, menu=None)


def test_a_streamed_turn_is_a_turn(served: tuple[str, object]) -> None:
    pieces: list[str] = []
    events = []
    with httpx.stream(
        "POST",
        f"{served[0]}/chat/completions",
        headers={"Authorization": "Bearer open-sesame"},
        json={"model": "kg", "messages": opening(), "stream": True},
        timeout=PATIENCE_S,
    ) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line.startswith("data: "):
                events.append(line.removeprefix("data: "))
    assert events[-1] == "[DONE]"
    for event in map(json.loads, events[:-1]):
        pieces += [choice["delta"].get("content") or "" for choice in event["choices"]]
    turn = parse_turn("".join(pieces))
    assert turn.valid
    assert len([piece for piece in pieces if piece]) > 10
    assert "Pulmonary embolism" in {hypothesis.dx for hypothesis in turn.differential}


def test_whole_and_streamed_are_the_same_answer(served: tuple[str, object]) -> None:
    one, two = (ask(served[0], opening()).json()["choices"][0]["message"]["content"] for _ in range(2))
    assert one == two
    assert parse_turn(one).valid


def test_bad_requests_are_told_why(served: tuple[str, object]) -> None:
    answer = ask(served[0], [{"role": "assistant", "content": "Hello"}])
    assert answer.status_code == 400
    assert "case" in answer.text
    wrong = httpx.get(f"{served[0]}/models", headers={"Authorization": "Bearer wrong"}, timeout=PATIENCE_S)
    assert wrong.status_code == 401


def test_it_stops_on_sigterm(served: tuple[str, "subprocess.Popen[str]"]) -> None:
    process = served[1]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


async def test_a_helped_model_is_asked_in_the_short_form(cache: Path) -> None:
    async with FakeUpstream(Answer(tps=0, tokens=20)) as upstream:
        options = ["--port", "0", "--pace", "0", "--json", "--model-url", upstream.url]
        command = [sys.executable, "-m", "medaction.cli", "serve-policy", *options]
        environment = {**os.environ, "MEDACTION_CACHE": str(cache)}
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment)
        try:
            assert process.stdout is not None
            announced = json.loads(await process.stdout.readline())
            assert announced["names"] == ["kg", "assisted"]
            model = OpenAICompatibleModel(base_url=announced["url"], name="assisted")
            text = "".join([delta.text async for delta in model.stream(ChatRequest(opening()))])
            await model.aclose()
        finally:
            process.terminate()
            await process.wait()
    assert parse_turn(text).valid
    asked = upstream.log[0].body["messages"]
    assert [message["role"] for message in asked] == ["system", "user"]
    assert asked[0]["content"] == SYSTEM
    assert "Candidates: " in asked[1]["content"]


def test_a_helped_model_without_a_server_is_refused() -> None:
    command = [sys.executable, "-m", "medaction.cli", "serve-policy", "assisted"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert ended.returncode == 2
    assert "--model-url" in ended.stderr
