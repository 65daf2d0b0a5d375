"""``medaction serve-policy`` as its own process, read over HTTP as any OpenAI client would."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from medaction.domain.environment import Environment
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import Message, render_messages
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
