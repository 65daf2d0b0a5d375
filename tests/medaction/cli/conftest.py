"""Commands on the real graph, compiled once, and a case file of our own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import Result
from typer.testing import CliRunner

from medaction.cli import app
from tests.fake_upstream import FakeUpstream
from tests.fake_upstream.modes import Raw, completion, event, token_event
from tests.medaction.distill.small_cases import make_case

Invoke = Callable[..., Result]


@pytest.fixture(scope="session")
def cache(request: pytest.FixtureRequest) -> Path:
    return Path(request.config.cache.mkdir("knowledge"))


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(orjson.dumps(make_case().to_dict()) + b"\n")
    return path


@pytest.fixture
def invoke(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """``invoke("play", …)``: the command's result; the exit code is checked."""
    monkeypatch.setenv("MEDACTION_CACHE", str(cache))

    def run(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == code, result.output
        return result

    return run


def says(text: str) -> Raw:
    """A server's whole answer."""
    return Raw([token_event(text), event(completion({}, "stop")), b"data: [DONE]\n\n"])


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    """A fake server in a thread of its own: a command has its own event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = FakeUpstream()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    yield server
    asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()
