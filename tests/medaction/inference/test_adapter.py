"""The tuned demo model, really running: `serve-model` with its adapter, asked through `serve-policy`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from medaction.distill.policies.assisted_prompt import assisted_prompt_hash
from medaction.domain.environment import Environment
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import Message, render_messages
from medaction.formats.teaching import load_teaching_cases
from medaction.inference.openai_compatible import NO_ADAPTER, OpenAICompatibleModel
from medaction.inference.port import ChatRequest
from medaction.inference.release import find_shipped
from medaction.inference.timeouts import Timeouts
from medaction.inference.weights import ADAPTER_LABEL, ADAPTER_NAME, MODEL_NAME, WEIGHTS_SHA256, find_adapter
from tests.medaction.inference.reading import read

CLI = [sys.executable, "-m", "medaction.cli"]
MOST_BYTES = 12_000_000
PATIENT = Timeouts(first_token=120, idle=60, total=170)


def start(*arguments: str, cache: str = "") -> tuple[subprocess.Popen[str], dict[str, str]]:
    environment = os.environ | ({"MEDACTION_CACHE": cache} if cache else {})
    process = subprocess.Popen([*CLI, *arguments, "--json"], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


@pytest.fixture(scope="module")
def urls(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The addresses of the model server and of the policy server before it."""
    cache = str(request.config.cache.mkdir("knowledge"))
    model, served = start("serve-model", "--port", "0", "--parallel", "1", "--ctx", "4096", "--threads", "1")
    assert served["name"] == MODEL_NAME
    options = ("--port", "0", "--pace", "0", "--model-url", served["url"], "--adapter", ADAPTER_NAME)
    policy, announced = start("serve-policy", *options, cache=cache)
    assert announced["names"] == ["kg", ADAPTER_NAME]
    yield served["url"], announced["url"]
    for process in (policy, model):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def opening() -> list[Message]:
    return render_messages(Environment(load_teaching_cases()[0]).reset(), [], must_diagnose=False)


def test_what_is_shipped_says_what_it_is() -> None:
    manifest = find_shipped(ADAPTER_NAME)
    assert manifest is not None
    assert manifest.label == ADAPTER_LABEL
    assert "given by the knowledge graph" in manifest.label
    assert (manifest.base_hash, manifest.prompt_hash) == (WEIGHTS_SHA256, assisted_prompt_hash())
    assert manifest.trained_on
    assert "medaction train sft" in manifest.card
    assert find_adapter().stat().st_size < MOST_BYTES


@pytest.mark.model
async def test_it_writes_a_turn_without_a_schema_and_chooses_from_what_was_offered(urls: tuple[str, str]) -> None:
    tuned = OpenAICompatibleModel(base_url=urls[1], name=ADAPTER_NAME, timeouts=PATIENT)
    answer = await read(tuned, ChatRequest(opening(), max_tokens=400))
    await tuned.aclose()
    assert answer.error is None
    turn = parse_turn(answer.text)
    assert turn.valid
    assert json.loads(answer.text)["action"]
    assert len(turn.differential) >= 2
    assert answer.usage is not None
    # The prompt is the short one, not the one that the app sent.
    assert answer.usage.prompt_tokens < 700


@pytest.mark.model
async def test_the_plain_model_beside_it_is_not_changed_by_it(urls: tuple[str, str]) -> None:
    plain = OpenAICompatibleModel(base_url=urls[0], name=MODEL_NAME, adapter=NO_ADAPTER, timeouts=PATIENT)
    tuned = OpenAICompatibleModel(base_url=urls[0], name=MODEL_NAME, adapter=ADAPTER_NAME, timeouts=PATIENT)
    request = ChatRequest([{"role": "user", "content": "[o1.1] A man coughs and has fever."}], max_tokens=8)
    first, helped, again = [await read(model, request) for model in (plain, tuned, plain)]
    assert first.text == again.text != helped.text
    assert again.usage is not None
    assert again.usage.cached_tokens == 0
    await plain.aclose()
    await tuned.aclose()
