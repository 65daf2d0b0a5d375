"""Benchmarks by name: what is listed, what is found, and what a missing one says."""

import json
from pathlib import Path

from medaction.formats.frozen import freeze_cases
from tests.medaction.cli.conftest import Invoke
from tests.medaction.distill.small_cases import make_case
from tests.medaction.formats.test_medrbench import ENTRY


def fill(data: Path) -> Path:
    (data / "medrbench").mkdir(parents=True)
    (data / "medrbench" / "diagnosis_2.json").write_text(json.dumps({"PMC1": ENTRY, "PMC2": {}}), encoding="utf-8")
    (data / "hard").mkdir()
    freeze_cases(data / "hard", [make_case()], [{"solved": 0}], {"what": "a test"})
    return data


def test_every_benchmark_says_what_it_needs(invoke: Invoke, tmp_path: Path) -> None:
    listed = json.loads(invoke("bench", "list", "--data", str(fill(tmp_path)), "--json").stdout)["benchmarks"]
    assert {row["name"]: (row["found"], row["n"]) for row in listed} == {
        "teaching": ("cases", 60),
        "agentclinic": (None, None),
        "phenopackets": (None, None),
        "medrbench": ("diagnosis_2.json", 1),
        "hard": ("hard.json", 1),
    }
    assert all(row["needs"] and row["licence"] and row["protocols"] and row["note"] for row in listed)
    assert next(row["refused"] for row in listed if row["name"] == "medrbench") == 1
    assert "--without-own-paper" in invoke("bench", "list").stdout


def test_a_name_in_place_of_a_file(invoke: Invoke, tmp_path: Path) -> None:
    run = ("bench", "run", "--policy", "anchored", "--cases")
    assert json.loads(invoke(*run, "teaching", "--limit", "1").stdout)["n"] == 1
    data = ("--data", str(fill(tmp_path)))
    out = str(tmp_path / "run")
    printed = json.loads(invoke(*run, "hard", *data, "--out", out).stdout)
    assert (printed["n"], printed["cases_file"]) == (1, "hard")
    assert json.loads(invoke(*run, "medrbench", *data, "--protocol", "medrbench-free").stdout)["n"] == 1
    assert json.loads(invoke(*run, str(tmp_path / "hard")).stdout)["n"] == 1


def test_a_benchmark_that_is_not_here_says_what_to_get(invoke: Invoke, tmp_path: Path) -> None:
    run = ("bench", "run", "--policy", "anchored", "--cases", "agentclinic")
    assert "no data folder" in invoke(*run, code=2).output
    assert "agentclinic/" in invoke(*run, "--data", str(tmp_path), code=2).output


def test_a_frozen_folder_that_was_changed_is_not_run(invoke: Invoke, tmp_path: Path) -> None:
    folder = fill(tmp_path) / "hard"
    (folder / "cases.jsonl").write_bytes((folder / "cases.jsonl").read_bytes().replace(b"flight", b"voyage"))
    result = invoke("bench", "run", "--policy", "anchored", "--cases", str(folder), code=1)
    assert "not what was frozen" in result.output
    listed = json.loads(invoke("bench", "list", "--data", str(tmp_path), "--json").stdout)["benchmarks"]
    assert listed[-1]["n"] == 0
