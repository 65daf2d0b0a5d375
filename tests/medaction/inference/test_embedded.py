"""The embedded model, really running: `medaction serve-model` in its own process, asked through our client."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from medaction.domain.parser import TurnParser
from medaction.domain.prompt import SYSTEM
from medaction.domain.transcript import turn_schema
from medaction.inference import weights
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.port import ChatRequest, Message
from tests.medaction.inference.reading import read

KEY = "test-key-0123"
COMMAND = [sys.executable, "-c", "from medaction.cli import main; main()", "serve-model", "--json"]
MESSAGES: list[Message] = [
    {"role": "system", "content": SYSTEM},
    {
        "role": "user",
        "content": "[o1.1] A 35-year-old woman has double vision.\n[o1.2] It is better after rest.\nTurn 2.",
    },
]


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    command = [*COMMAND, "--port", "0", "--parallel", "1", "--ctx", "4096", "--api-key", KEY]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    served = json.loads(server.stdout.readline())
    assert served["label"] == "SmolLM2-135M-Instruct (untuned demo model)"
    yield served["url"]
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=10) == 0


def model_at(base_url: str, key: str = KEY) -> OpenAICompatibleModel:
    return OpenAICompatibleModel(base_url=base_url, api_key=key)


@pytest.mark.model
async def test_two_turns_in_the_schema_and_the_prefix_is_reused(base_url: str) -> None:
    model = model_at(base_url)
    health = await model.health()
    assert health.models == (weights.MODEL_NAME,)
    first = await read(model, ChatRequest(MESSAGES, json_schema=turn_schema(must_diagnose=False)))
    assert first.error is None
    assert model.label == weights.MODEL_LABEL
    assert_turn(first.text)
    assert first.usage is not None

    observation: Message = {"role": "user", "content": "[r2.1] Eyes: RESULT\nPtosis.\nThis is your last turn."}
    messages = [*MESSAGES, {"role": "assistant", "content": first.text}, observation]
    second = await read(model, ChatRequest(messages, json_schema=turn_schema(must_diagnose=True)))
    assert assert_turn(second.text)["action"]["type"] == "diagnose"
    assert second.usage is not None
    # The whole of the first prompt is read from the cache, not computed again.
    assert second.usage.cached_tokens >= first.usage.prompt_tokens - 8
    await model.aclose()


def assert_turn(text: str) -> dict[str, dict[str, str]]:
    turn = json.loads(text)
    assert list(turn) == ["reasoning", "differential", "action"]
    assert 0 < len(turn["reasoning"]) <= 320
    assert 2 <= len(turn["differential"]) <= 5
    for hypothesis in turn["differential"]:
        assert list(hypothesis) == ["dx", "p", "for", "against"]
        assert 0 <= hypothesis["p"] <= 1
    parser = TurnParser()
    parser.feed(text)
    parser.finish()
    assert parser.turn().valid
    parsed: dict[str, dict[str, str]] = turn
    return parsed


def test_stopping_while_requantising_leaves_nothing_behind(tmp_path: Path) -> None:
    server = subprocess.Popen([*COMMAND, "--port", "0", "--requantise", str(tmp_path)], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    server.send_signal(signal.SIGTERM)
    _, errors = server.communicate(timeout=10)
    assert (server.returncode, errors) == (0, b"")
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert str(port) in done.stderr


def test_usage_errors_end_with_2() -> None:
    done = subprocess.run([*COMMAND, "--port", "99999"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    file = tmp_path / weights.WEIGHTS_FILE
    file.write_bytes(b"GGUF")
    with pytest.raises(weights.EmbeddedModelError, match="damaged"):
        weights.check_weights(file)


def test_a_model_folder_has_one_model(tmp_path: Path) -> None:
    with pytest.raises(weights.EmbeddedModelError):
        weights.find_gguf(tmp_path)
    (tmp_path / "a.gguf").touch()
    assert weights.find_gguf(tmp_path).name == "a.gguf"
    (tmp_path / "b.gguf").touch()
    with pytest.raises(weights.EmbeddedModelError):
        weights.find_gguf(tmp_path)


def test_missing_weights_are_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_PACKAGE", "no_such_package")
    with pytest.raises(weights.EmbeddedModelError, match=r"requirements/weights\.txt"):
        weights.find_weights()
