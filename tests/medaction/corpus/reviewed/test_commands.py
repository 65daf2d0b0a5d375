"""`medaction dataset build --reviews` and `demo-reviews`."""

import json

import pytest
from typer.testing import CliRunner

from medaction.cli import app
from medaction.corpus.manifest import read_manifest
from tests.medaction.corpus.runs import some_cases, write_run

SPLITS = ("--splits", "train=1.0")


@pytest.fixture
def call():
    def run(*arguments):
        return CliRunner().invoke(app, ["dataset", *map(str, arguments)])

    return run


@pytest.fixture
def reviews(call, tmp_path):
    write_run(tmp_path / "run", some_cases(3))
    made = call("demo-reviews", "--run", tmp_path / "run", "--out", tmp_path / "reviews")
    assert (made.exit_code, "of no expert" in made.stdout) == (0, True)
    return tmp_path / "reviews"


def test_from_a_run_to_a_version_of_made_up_judgements(call, reviews, tmp_path):
    asked = ("--reviews", reviews, "--labels", "weights", "--pass", "first", "--out", tmp_path / "out", *SPLITS)
    built = call("build", *asked, "--format", "kto", "--json")
    assert built.exit_code == 0, built.stderr
    assert json.loads(built.stdout)["recipe"]["review"] == {
        "labels": "weights",
        "pass": "first",
        "reliability": "agreement",
    }
    assert call("check", tmp_path / "out").exit_code == 0
    assert "No expert has judged anything" in call("card", tmp_path / "out").stdout
    again = call("demo-reviews", "--run", tmp_path / "run", "--out", reviews)
    assert (again.exit_code, "holds something already" in again.stderr) == (1, True)


def test_the_difference_between_two_policies_is_told(call, reviews, tmp_path):
    for labels in ("majority", "all", "weights"):
        call("build", "--reviews", reviews, "--labels", labels, "--out", tmp_path / labels, *SPLITS)
    told = call("diff", tmp_path / "majority", tmp_path / "weights").stdout
    assert "recipe.review.labels: majority → weights" in told
    assert "demo-careful" not in told
    assert read_manifest(tmp_path / "all")["runs"] == []
    asked = ("check", tmp_path / "all", "--benchmark", reviews / "cases.jsonl")
    assert "name the runs with --runs, or the review set" in " ".join(call(*asked).stderr.replace("│", " ").split())
    checked = call(*asked, "--reviews", reviews)
    assert (checked.exit_code, checked.stdout.count("is also")) == (1, 3)


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        (("--policy", "nobody"), 4, "no row came out as sft"),
        (("--labels", "best"), 1, "there is no policy 'best'; use one of authoritative, majority, all, weights"),
        (("--labels", "weights", "--reliability", "gold"), 1, "nobody has judged a gold item"),
        (("--runs", "run"), 2, "name either runs"),
    ],
)
def test_what_makes_no_version_is_told(call, reviews, tmp_path, asked, code, told):
    refused = call("build", "--reviews", reviews, "--out", tmp_path / "out", *asked)
    assert refused.exit_code == code
    assert told in " ".join(refused.stderr.replace("│", " ").split())
    assert not (tmp_path / "out").exists()
