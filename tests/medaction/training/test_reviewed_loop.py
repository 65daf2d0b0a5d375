"""Retraining from judgements: a tiny model through the whole of it, and what is refused before anything is trained."""

import json
import shutil

import pytest

from benchmarks.loop_commands import CommandFailed, LoopError
from benchmarks.loop_stages import read_json
from benchmarks.reviewed_loop import ReviewedLoop, ReviewedPlan
from medaction.corpus import Recipe, build_version
from medaction.corpus.reviewed import LabelPolicy
from medaction.corpus.reviewed.demo import write_demo_set
from medaction.formats.readers import read_cases
from tests.medaction.corpus.runs import some_cases, write_run

SIZES = {"synthetic": 0, "held_out": 2, "steps": 2, "accumulate": 1, "horizon": 2, "seed": 0}


class Small(ReviewedLoop):
    answer_tokens, row_tokens = 16, 2048


@pytest.fixture
def knowledge(request, monkeypatch):
    monkeypatch.setenv("MEDACTION_CACHE", str(request.config.cache.mkdir("knowledge")))


@pytest.fixture
def plan():
    def make(**values):
        return ReviewedPlan(**{"data": (), "prompt": "plain", **SIZES, **values})

    return make


@pytest.fixture
def reviews(tmp_path):
    return write_demo_set(write_run(tmp_path / "run", some_cases(12)), tmp_path / "reviews")


# Nine commands, each of which loads torch or the graph.
@pytest.mark.timeout(900)
def test_a_tiny_model_is_retrained_and_measured_before_and_after(
    elsewhere, base, knowledge, plan, reviews, tmp_path, capsys
):
    weights = tmp_path / "tiny" / "tiny.gguf"
    weights.parent.mkdir()
    elsewhere.run(("as_gguf", base / "plain", weights))
    asked = plan(base=str(weights), reviews=str(reviews.path))
    loop = Small(asked, tmp_path / "loop")
    report = read_json(loop.conclude(loop.go()))
    assert list(report["stages"]) == ["cases", "rows", "pairs", "apart", "sft", "dpo", "weights", "before", "after"]
    rows, pairs = (read_json(tmp_path / "loop" / name / "manifest.json") for name in ("sft", "dpo"))
    told = report["versions"]
    assert (told["after"]["dataset"], told["after"]["pairs"]) == (rows["hash"], pairs["hash"])
    assert told["after"]["reviews"] == {"fingerprint": reviews.fingerprint, "nature": "demo", "raters": 3}
    assert told["before"]["dataset"] is None
    trained = read_json(tmp_path / "loop" / "model-dpo" / "manifest.json")
    assert (trained["hash"], trained["dataset"]) == (told["after"]["model"], pairs["hash"])
    measured = [row.case.id for row in read_cases(loop.held_out)]
    assert not set(measured) & {row["case"] for row in _rows(tmp_path / "loop" / "sft")}
    pair = report["compared"]["pairs"][0]
    assert (pair["n"], report["reports"]["before"]["n"]) == (len(measured), len(measured))
    assert 0 <= pair["figures"]["top1"]["p"] <= 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "McNemar's exact p" in printed
    assert "its judgements are made up" in printed
    # Nothing that is done is done again, and a second retraining goes on from the first.
    assert Small(asked, tmp_path / "loop").go() == report["stages"]
    again = Small(plan(reviews=str(reviews.path), before=str(tmp_path / "loop" / "model-dpo")), tmp_path / "again")
    assert again._tell_before() == {"model": trained["hash"], "dataset": pairs["hash"]}


def _rows(folder):
    return [json.loads(line) for line in (folder / "data" / "train.jsonl").read_text().splitlines()]


def test_exports_that_hold_what_is_measured_on_are_refused(plan, tmp_path):
    cases = some_cases(60)
    build_version([write_run(tmp_path / "run", cases)], tmp_path / "sft", Recipe("sft", {"train": 1.0}))
    loop = Small(plan(sft=str(tmp_path / "sft")), tmp_path / "loop")
    assert "rows" not in loop.stages()
    loop.split_cases()
    with pytest.raises(LoopError, match="holds cases that are measured on"):
        loop.check_apart()
    shutil.rmtree(tmp_path / "sft")
    with pytest.raises(LoopError, match="is no dataset"):
        loop.check_apart()


def test_a_set_without_pairs_is_trained_on_rows_alone(plan, reviews, tmp_path, monkeypatch):
    loop = Small(plan(reviews=str(reviews.path)), tmp_path / "loop")

    def refuse(code):
        def build(*_):
            raise CommandFailed(["dataset", "build"], code)

        return build

    monkeypatch.setattr(loop, "build", refuse(4))
    loop.build_pairs()
    assert list(loop.versions()) == ["sft"]
    monkeypatch.setattr(loop, "build", refuse(1))
    with pytest.raises(LoopError, match="ended with 1"):
        loop.build_pairs()


def test_what_does_not_go_together_is_told(plan, tmp_path):
    with pytest.raises(LoopError, match="not both"):
        ReviewedLoop(plan(sft="a", reviews="b"), tmp_path / "one")
    with pytest.raises(LoopError, match="give --sft too"):
        ReviewedLoop(plan(dpo="a"), tmp_path / "two")
    ReviewedLoop(plan(), tmp_path / "three")
    with pytest.raises(LoopError, match="other options"):
        ReviewedLoop(plan(labels=LabelPolicy.ALL), tmp_path / "three")
