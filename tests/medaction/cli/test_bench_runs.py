"""``medaction bench run --out``: stopped anywhere, gone on with, and never mixed with another run."""

import json
import shutil
from pathlib import Path

import orjson
import pytest

from medaction.bench.runs import RECORDS, REPORT, open_bench_run
from tests.medaction.cli.conftest import Invoke
from tests.medaction.distill.small_cases import make_case


@pytest.fixture
def three_cases(tmp_path: Path) -> Path:
    path = tmp_path / "three.jsonl"
    records = [make_case(truth=truth).to_dict() for truth in ("Pulmonary embolism", "Gout", "Asthma")]
    path.write_bytes(b"".join(orjson.dumps(r | {"id": f"small-{n}"}) + b"\n" for n, r in enumerate(records, start=1)))
    return path


def _untimed(folder: Path) -> list[dict[str, object]]:
    return [{key: value for key, value in r.items() if key != "seconds"} for r in open_bench_run(folder).records()]


def test_a_run_that_was_cut_off_goes_on_and_is_the_same(invoke: Invoke, three_cases: Path, tmp_path: Path) -> None:
    options = ["bench", "run", "--policy", "random", "--cases", str(three_cases), "--out"]
    invoke(*options, str(tmp_path / "whole"))
    shutil.copytree(tmp_path / "whole", tmp_path / "cut")
    whole = _untimed(tmp_path / "whole")
    assert [record["id"] for record in whole] == ["small-1", "small-2", "small-3"]
    records = tmp_path / "cut" / RECORDS
    lines = records.read_bytes().splitlines(keepends=True)
    records.write_bytes(lines[0] + lines[1][:100])
    half = open_bench_run(tmp_path / "cut")
    assert half.notes == [f"{RECORDS}: 100 bytes of an unfinished last line are left out"]
    assert (half.report()["n"], half.report()["complete"]) == (1, False)
    told = invoke(*options, str(tmp_path / "cut")).output
    assert "100 bytes were cut off" in told
    assert "1 records are there; 2 are to be made" in told
    assert records.read_bytes().startswith(lines[0])
    assert _untimed(tmp_path / "cut") == whole
    finished = records.read_bytes()
    invoke(*options, str(tmp_path / "cut"))
    assert records.read_bytes() == finished
    assert json.loads((tmp_path / "cut" / REPORT).read_bytes())["complete"] is True


def test_another_configuration_is_refused_and_told(invoke: Invoke, three_cases: Path, tmp_path: Path) -> None:
    options = ["bench", "run", "--cases", str(three_cases), "--out", str(tmp_path / "run")]
    invoke(*options, "--policy", "random")
    before = (tmp_path / "run" / RECORDS).read_bytes()
    told = invoke(*options, "--policy", "random", "--horizon", "3", code=1).output
    assert "about.horizon: 5, now 3" in told
    assert "--out" in told
    assert (tmp_path / "run" / RECORDS).read_bytes() == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine", encoding="utf-8")
    foreign = invoke(*options[:-1], str(tmp_path / "other"), "--policy", "random", code=1).output
    assert "letter.txt" in foreign


def test_several_processes_make_the_same_records(invoke: Invoke, three_cases: Path, tmp_path: Path) -> None:
    options = ["bench", "run", "--policy", "random", "--cases", str(three_cases), "--out"]
    invoke(*options, str(tmp_path / "one"))
    invoke(*options, str(tmp_path / "two"), "--processes", "2")
    assert _untimed(tmp_path / "one") == _untimed(tmp_path / "two")


def test_samples_are_draws_of_their_own(invoke: Invoke, three_cases: Path, tmp_path: Path) -> None:
    options = ["--policy", "random", "--cases", str(three_cases), "--samples", "3", "--temperature", "1"]
    printed = json.loads(invoke("bench", "run", *options, "--out", str(tmp_path / "run")).stdout)
    assert (printed["n"], printed["records"], printed["figures"]["top1"]["n"]) == (3, 9, 9)
    records = _untimed(tmp_path / "run")
    assert [(record["id"], record["sample"]) for record in records[:4]] == [
        *(("small-1", sample) for sample in range(3)),
        ("small-2", 0),
    ]
    assert len({json.dumps(record["branch"]) for record in records[:3]}) > 1
    assert "temperature" in invoke("bench", "run", *options[:-2], code=2).output
