"""Ctrl-C leaves a checkpoint; going on from it gives the same steps as never having stopped."""

import json
import signal
import time

import pytest

from .conftest import QUICK


def steps_of(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return {line["step"]: line["loss"] for line in lines if "loss" in line}


@pytest.fixture(scope="module")
def interrupted(elsewhere, versions, base):
    """The very training of `trained`, stopped after a few steps, then asked for in several ways."""
    out = elsewhere.folder / "interrupted"
    settings = [*QUICK, f"--set=base={base / 'plain'}", "--set=steps=24", "--set=every=12"]
    command = ["train", "sft", "--data", versions / "sft", "--out", out, *settings]
    process = elsewhere.start(*command)
    metrics = out.with_name("interrupted.unfinished") / "metrics.jsonl"
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline and not (metrics.is_file() and steps_of(metrics)):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=600)
    stopped = {"code": process.returncode, "err": told, "steps": steps_of(metrics), "out": out.exists()}
    again, changed, resumed = elsewhere.run(
        ("command", *command),
        ("command", *command, "--resume", "--set=learning_rate=0.01", "--set=lora.rank=4"),
        ("command", *command, "--resume", "--json"),
    )
    return {"stopped": stopped, "again": again, "changed": changed, "resumed": resumed, "out": out}


def test_ctrl_c_ends_after_a_step_with_a_checkpoint(interrupted):
    stopped = interrupted["stopped"]
    assert stopped["code"] == 130
    assert 0 < max(stopped["steps"]) < 24
    assert f"checkpoint-{max(stopped['steps'])}." in stopped["err"]
    assert "--resume goes on" in stopped["err"]
    assert not stopped["out"]


def test_what_is_unfinished_is_not_begun_anew(interrupted):
    assert interrupted["again"]["code"] == 1
    assert "go on with --resume" in interrupted["again"]["err"]


def test_another_configuration_is_not_resumed_and_the_difference_is_named(interrupted):
    assert interrupted["changed"]["code"] == 1
    assert "settings.learning_rate: 0.02 → 0.01" in interrupted["changed"]["err"]
    assert "settings.lora.rank: 8 → 4" in interrupted["changed"]["err"]


def test_going_on_gives_the_steps_of_never_having_stopped(interrupted, trained):
    assert interrupted["resumed"]["code"] == 0, interrupted["resumed"]
    assert json.loads(interrupted["resumed"]["out"])["steps"] == 24
    whole, resumed = (steps_of(folder / "metrics.jsonl") for folder in (trained[1], interrupted["out"]))
    assert list(resumed) == list(range(1, 25))
    assert resumed == pytest.approx(whole, abs=1e-3)
