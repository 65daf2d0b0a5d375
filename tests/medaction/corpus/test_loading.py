"""What is written is what trainers read: ``datasets`` loads it, TRL's own formatters take every row."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from medaction.corpus import Recipe, build_version
from medaction.corpus.manifest import ROWS
from medaction.formats.training import FORMATS

from .runs import some_cases, write_run

LOADER = Path(__file__).with_name("load_elsewhere.py")
# What TRL's trainers ask of each format, after its chat template.
FORMATTED = {
    "sft": ["text"],
    "parquet": ["text"],
    "sharegpt": ["text"],
    "prompt-completion": ["completion", "prompt"],
    "dpo": ["chosen", "prompt", "rejected"],
    "kto": ["completion", "label", "prompt"],
    "stepwise": [],
    "tree": [],
}


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """Each format's manifest, and what the libraries say of its file: one process, because they take long to start."""
    folder = tmp_path_factory.mktemp("versions")
    run = write_run(folder / "run", some_cases(4))
    manifests = {name: build_version([run], folder / name, Recipe(name, {"train": 1.0})) for name in FORMATS}
    return manifests, load_versions(folder, manifests)


def load_versions(folder: Path, manifests):
    """What the libraries make of the training split of each version, which lies in ``folder`` under its format."""
    files = {name: str(folder / name / ROWS / told["splits"]["train"]["file"]) for name, told in manifests.items()}
    command = [sys.executable, "-P", str(LOADER), json.dumps(files)]
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "home")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=offline, timeout=170)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", FORMATS)
def test_datasets_and_trl_take_every_row(versions, name):
    manifests, loaded = versions
    told = loaded[name]
    assert told["rows"] == manifests[name]["counts"]["rows"] > 0
    assert told["formatted"] == FORMATTED[name]
    assert {"case", "group", "licence", "source", "verdict"} <= set(told["columns"])
