"""Commands on the real graph, compiled once, and a case file of our own."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import Result
from typer.testing import CliRunner

from medaction.cli import app
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
