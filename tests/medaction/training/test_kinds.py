"""The other ways to train: preferences, whole models, rows of one turn, rows packed together."""

import json

import pytest

from .conftest import QUICK


@pytest.fixture(scope="module")
def kinds(elsewhere, versions, base):
    """Manifest and metrics of each way, all in one process."""

    def job(name, data, *settings, kind="sft"):
        out = elsewhere.folder / name
        given = [f"--set={setting}" for setting in (f"base={base / 'plain'}", *settings)]
        return ("command", "train", kind, "--data", versions / data, "--out", out, "--json", *QUICK, *given)

    # All six rows in one step, so that the first loss is the same sum however they are laid out.
    together = ("batch=6", "accumulate=1", "steps=1", "max_tokens=8192")
    jobs = {
        "dpo": job("dpo", "dpo", "steps=8", "every=8", "learning_rate=0.002", kind="dpo"),
        "full": job("full", "sft", "method=full", "steps=8", "every=8"),
        "turns": job("turns", "prompt-completion", "steps=1"),
        "apart": job("apart", "sft", *together),
        "astray": job("astray", "sft", "learning_rate=1.0", "schedule=constant", "every=1", "patience=2", "steps=20"),
        "packed": job("packed", "sft", *together, "packing=true"),
    }
    told = elsewhere.run(*jobs.values())
    found = {}
    for name, answer in zip(jobs, told, strict=True):
        assert answer["code"] == 0, (name, answer)
        lines = (elsewhere.folder / name / "metrics.jsonl").read_text().splitlines()
        found[name] = (json.loads(answer["out"]), [json.loads(line) for line in lines])
    return found


def test_preferences_are_learned(kinds):
    manifest, lines = kinds["dpo"]
    assert manifest["kind"] == "dpo"
    assert manifest["data"]["too_long"] == {"train": 0, "validation": 0}
    held_out = [line["held_out_loss"] for line in lines if "held_out_loss" in line]
    assert held_out[0] == pytest.approx(0.6931, abs=1e-3)  # ln 2: no preference yet
    assert held_out[-1] < held_out[0] - 0.01


def test_a_whole_model_learns_more(kinds):
    manifest, _ = kinds["full"]
    assert "model.safetensors" in manifest["files"]
    assert manifest["held_out_loss"]["last"] < manifest["held_out_loss"]["first"] - 0.5


def test_rows_of_one_turn_learn_as_many_tokens_as_rows_of_a_branch(kinds):
    turns, branches = kinds["turns"][0]["data"], kinds["apart"][0]["data"]
    assert turns["learned_tokens"]["train"] == branches["learned_tokens"]["train"]
    assert turns["rows"]["train"] > branches["rows"]["train"]


def test_packed_rows_do_not_read_each_other(kinds):
    apart, packed = (next(line["loss"] for line in kinds[name][1] if "loss" in line) for name in ("apart", "packed"))
    assert packed == pytest.approx(apart, abs=1e-4)


def test_training_stops_when_the_held_out_loss_no_longer_falls(kinds):
    manifest, lines = kinds["astray"]
    held_out = [line["held_out_loss"] for line in lines if "held_out_loss" in line]
    assert manifest["stopped_early"]
    assert manifest["steps"] == len(held_out) - 1 < 20
    best = min(range(1, len(held_out)), key=held_out.__getitem__)
    assert manifest["best_checkpoint_step"] == best == manifest["steps"] - 2
