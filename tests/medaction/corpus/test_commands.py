"""The commands as they are typed: exit codes, JSON, one line that says what to do."""

import json

import pytest
from typer.testing import CliRunner

from medaction.cli import app
from medaction.formats.own_jsonl import write_own_jsonl

from .runs import some_cases, write_run


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run", some_cases(5))


def medaction(*words):
    return CliRunner().invoke(app, ["dataset", *map(str, words)])


def test_build_check_diff_card(run, tmp_path):
    built = medaction("build", "--runs", run.path, "--out", tmp_path / "one", "--format", "kto", "--json")
    assert built.exit_code == 0, built.output
    manifest = json.loads(built.stdout)
    assert manifest["counts"]["rows"] == 25
    checked = medaction("check", tmp_path / "one", "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["ok"]) == (0, True)
    again = medaction("build", "--runs", run.path, "--out", tmp_path / "two", "--format", "kto", "--seed", 5)
    assert again.exit_code == 0
    assert "rows" in again.stdout
    compared = json.loads(medaction("diff", tmp_path / "one", tmp_path / "two", "--json").stdout)
    assert compared["rows"]["added"]["n"] == compared["rows"]["removed"]["n"] == 0
    assert compared["settings"] == [{"setting": "recipe.seed", "before": 0, "after": 5}]
    same = json.loads(medaction("diff", tmp_path / "one", tmp_path / "one", "--json").stdout)
    assert same["same"]
    card = medaction("card", tmp_path / "one")
    assert "Not for patient care" in card.stdout


def test_a_benchmark_keeps_its_cases(run, tmp_path):
    write_own_jsonl(list(run.cases().values())[:2], tmp_path / "bench.jsonl")
    bench = ("--benchmark", tmp_path / "bench.jsonl")
    medaction("build", "--runs", run.path, "--out", tmp_path / "leaky")
    leaky = medaction("check", tmp_path / "leaky", *bench, "--runs", run.path)
    assert leaky.exit_code == 1
    assert "is also" in leaky.stdout
    built = medaction("build", "--runs", run.path, "--out", tmp_path / "clean", *bench)
    assert "2 cases left out" in built.stdout
    assert medaction("check", tmp_path / "clean", *bench, "--runs", run.path).exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("build", "--runs", "nowhere", "--out", "x"), "distill grow"),
        (("check", "nowhere"), "dataset build"),
        (("card", "nowhere"), "dataset build"),
        (("diff", "nowhere", "nowhere"), "dataset build"),
    ],
)
def test_a_wrong_folder_says_what_makes_a_right_one(words, told):
    done = medaction(*words)
    assert done.exit_code == 1
    assert told in done.stderr
    assert "Traceback" not in done.output


def test_wrong_settings_are_named(run, tmp_path):
    for words, code, told in (
        (("--format", "xml"), 1, "no format"),
        (("--splits", "train"), 1, "write it as"),
        (("--splits", "train=0.5"), 1, "sum to 0.5"),
        (("--policy", "nobody"), 4, "no row came out"),
    ):
        done = medaction("build", "--runs", run.path, "--out", tmp_path / "out", *words)
        assert done.exit_code == code
        assert told in done.stderr
        assert not (tmp_path / "out").exists()
