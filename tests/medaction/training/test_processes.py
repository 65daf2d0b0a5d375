"""Two processes that share a step take the same steps as one that takes twice as many rows."""

import json
import subprocess

import pytest

from .conftest import BIN, QUICK


def test_two_processes_learn_what_one_does(elsewhere, versions, base, trained):
    out = elsewhere.folder / "shared"
    settings = [*QUICK, f"--set=base={base / 'plain'}", "--set=steps=24", "--set=every=12", "--set=accumulate=1"]
    command = [BIN / "torchrun", "--nproc-per-node=2", BIN / "medaction", "train", "sft", "--out", out]
    done = subprocess.run(
        [*map(str, command), "--data", str(versions / "sft"), *settings],
        cwd=elsewhere.folder, env=elsewhere.environment, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    one, two = trained[0], json.loads((out / "manifest.json").read_text())
    assert (one["processes"], two["processes"]) == (1, 2)
    for loss in ("loss", "held_out_loss"):
        assert two[loss] == pytest.approx(one[loss], abs=1e-3)
