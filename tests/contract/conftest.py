"""The embedded server in a process of its own, unless VLLM_URL (with VLLM_API_KEY) names a server that runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from medaction.inference.openai_compatible import OpenAICompatibleModel
from tests.contract.server import Server

KEY = "contract-key-0123"
# One thread: on a machine that does other things, threads that wait for each other are slower than one.
COMMAND = [
    "serve-model",
    "--json",
    "--port",
    "0",
    "--parallel",
    "2",
    "--ctx",
    "4096",
    "--threads",
    "1",
    "--api-key",
    KEY,
]


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    url = os.environ.get("VLLM_URL", "").rstrip("/")
    if url:
        key = os.environ.get("VLLM_API_KEY", "")
        yield Server(url if url.endswith("/v1") else f"{url}/v1", key, _is_vllm(url, key))
        return
    process = subprocess.Popen(
        [sys.executable, "-c", "from medaction.cli import main; main()", *COMMAND], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield Server(json.loads(process.stdout.readline())["url"], KEY, refuses_unknown_models=False)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


@pytest.fixture
async def model(server: Server) -> AsyncIterator[OpenAICompatibleModel]:
    opened = server.model()
    yield opened
    await opened.aclose()


def _is_vllm(url: str, key: str) -> bool:
    listed = httpx.get(f"{url.removesuffix('/v1')}/v1/models", headers={"Authorization": f"Bearer {key}"}, timeout=20)
    return listed.raise_for_status().json()["data"][0].get("owned_by") == "vllm"
