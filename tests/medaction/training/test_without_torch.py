"""Where the extra is missing, as in the site's own environment, commands start quickly and say what to install."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from medaction.cli import app

HEAVY = ("torch", "transformers", "trl", "peft", "accelerate")


def test_the_command_line_loads_none_of_it():
    asked = f"import sys, medaction.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ("sft", "--data", "version", "--out", "tuned"),
        ("dpo", "--data", "version", "--out", "tuned"),
        ("export", "tuned", "--gguf", "adapter"),
        ("base", "--from-gguf", "model.gguf", "--out", "base"),
    ],
)
def test_a_command_that_needs_it_says_how_to_get_it(arguments):
    done = CliRunner().invoke(app, ["train", *arguments])
    assert done.exit_code == 1
    assert "training needs" in done.stderr
    assert "torch" in done.stderr
    assert "make train-env" in done.stderr


def test_a_setting_is_refused_before_torch_is_asked_for():
    done = CliRunner().invoke(app, ["train", "sft", "--data", "version", "--out", "tuned", "--set=epochs=0"])
    assert done.exit_code == 1
    assert "epochs must be above 0" in done.stderr
