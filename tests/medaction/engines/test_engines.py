"""One model by rote, three ways: ``medaction bench run``, Inspect and verifiers. The records must be the same.

Each engine lives in a virtual environment of its own (``make engines-env``): they pin packages that ours must not.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.architecture.repository import ROOT
from tests.medaction.cli.conftest import cache, invoke  # noqa: F401 - fixtures
from tests.medaction.distill.small_cases import make_case

from .server import serving

OF_THE_MACHINE = ("seconds", "policy", "attempts")
NAMES = ["small-0", "small-1", "small-2"]
Drive = Callable[..., dict[str, Any]]


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    """Right, wrong, and a case whose answer cannot be read."""
    stories = ("Her left calf is swollen.", "Her big toe is red.", "Her nose runs.")
    cases = [
        {**make_case().to_dict(), "id": name, "group_key": name, "o1": f"She is short of breath.\n{story}"}
        for name, story in zip(NAMES, stories, strict=True)
    ]
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"".join(orjson.dumps(case) + b"\n" for case in cases))
    return path


@pytest.fixture
def drive(cache: Path, tmp_path: Path) -> Drive:  # noqa: F811 - a fixture
    """``drive(engine, …)``: what the engine's script in this folder found, run by its own interpreter."""

    def run(engine: str, cases: Path, *more: str) -> dict[str, Any]:
        python = ROOT / f".venv-engines/{engine}/bin/python"
        if not python.exists():
            pytest.skip(f"no .venv-engines/{engine}: make engines-env")
        out = tmp_path / "found.json"
        # By its path, so that the checkout is not on sys.path: medaction is found as it is for a user, as installed.
        command = [python, Path(__file__).with_name(f"drive_{engine}.py"), cases, out, *more]
        ended = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "MEDACTION_CACHE": str(cache)},
            capture_output=True,
            text=True,
            timeout=170,
        )
        assert ended.returncode == 0, ended.stderr[-3000:]
        return json.loads(out.read_bytes())

    return run


@pytest.fixture
def by_bench(invoke, case_file: Path, tmp_path: Path):  # noqa: F811 - a fixture
    """The report of ``medaction bench run`` on the same cases, and the server that it asked."""
    with serving() as (url, bodies):
        out = tmp_path / "report.json"
        invoke("bench", "run", "--model", "rote", "--base-url", url, "--cases", str(case_file), "--json", str(out))
        yield json.loads(out.read_bytes()), url, bodies


def _same(records: list[dict], report: dict) -> None:
    """Equal in everything that the report keeps of a record, but for time and the model's label."""
    assert len(records) == len(report["cases"]) == 3
    for record, expected in zip(records, report["cases"], strict=True):
        shared = expected.keys() - set(OF_THE_MACHINE)
        assert {name: record[name] for name in shared} == {name: expected[name] for name in shared}


def test_inspect_gives_the_same_records(by_bench, drive: Drive, case_file: Path, tmp_path: Path) -> None:
    report, _, _ = by_bench
    found = drive("inspect", case_file, str(tmp_path / "logs"))
    _same(found["records"], report)
    assert found["stored"] == NAMES
    for name in ("n", "top1", "top3", "turns", "cost", "dtc", "rac", "coverage", "unavailable_rate", "format_failures"):
        assert found["figures"][name] == pytest.approx(report[name], abs=1e-4), name
    assert [found["figures"]["top1_low"], found["figures"]["top1_high"]] == pytest.approx(report["top1_ci"])
    assert found["dialogue"][0] == "system"
    assert found["dialogue"][-1] == "assistant"
    assert found["config"]["temperature"] == 0


def test_verifiers_gives_the_same_records(by_bench, drive: Drive, case_file: Path) -> None:
    report, url, bodies = by_bench
    before = [(body["messages"], body["response_format"]) for body in bodies]
    found = drive("verifiers", case_file, url)
    _same(found["records"], report)
    assert found["rewards"] == [float(case["rank"] == 1) for case in report["cases"]] == [1.0, 0.0, 0.0]
    assert [metrics["format_failures"] for metrics in found["metrics"]] == [
        case["format_failures"] for case in report["cases"]
    ]
    assert sum(found["calls"]) == len(before)
    assert [(body["messages"], body["response_format"]) for body in bodies[len(before) :]] == before


def test_a_file_that_is_not_whole_stops_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(orjson.dumps(make_case().to_dict()) + b'\n{"id": "half"}\n')
    script = "import sys; from medaction.engines.case_files import read_case_file; read_case_file(sys.argv[1])"
    ended = subprocess.run([sys.executable, "-c", script, path], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "CaseFileError: broken.jsonl: line 2" in ended.stderr
