"""The training environment, a tiny base and small dataset versions. Processes start there; torch is not here."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import medaction
from medaction.corpus import Recipe, build_version
from tests.medaction.corpus.runs import some_cases, write_run

ROOT = Path(__file__).parents[3]
BIN = ROOT / ".venv-train" / "bin"
# Small enough that a step takes a fraction of a second.
QUICK = [f"--set={setting}" for setting in ("accumulate=2", "log_every=1", "held_out=2", "learning_rate=0.02")]


class Elsewhere:
    """Starts processes in the training environment, with this checkout's package and nothing else of it on the path:
    the repository's folder would hide the library `datasets` (ADR 0009).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "path"
        path.mkdir()
        (path / "medaction").symlink_to(Path(medaction.__file__).parent)
        home = {"HOME": str(folder), "HF_HOME": str(folder / "hf"), "MEDACTION_CACHE": str(folder / "cache")}
        # Two threads or more would wait for each other on a machine that other tests share.
        quiet = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(path)}
        self.environment = {"PATH": os.environ["PATH"]} | home | quiet

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """`medaction …` of the training environment, as a person starts it."""
        command = [str(BIN / "medaction"), *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, **pipes)

    def run(self, *jobs: tuple) -> list:
        """Jobs of `elsewhere.py`, in one process; each is a kind and its arguments, and may end in options."""
        wanted = []
        for kind, *arguments in jobs:
            options = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
            wanted.append([kind, arguments, options])
        done = subprocess.run(
            [str(BIN / "python"), "-P", "-c", _START, str(Path(__file__).parent)],
            input=json.dumps(wanted, default=str), capture_output=True, text=True, cwd=self.folder,
            env=self.environment, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])


# The test's folder last: it holds helpers, and nothing that may hide a library.
_START = """
import runpy, sys
sys.path.append(sys.argv[1])
runpy.run_path(sys.argv[1] + "/elsewhere.py", run_name="__main__")
"""


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory):
    if not (BIN.parent / "ready").is_file() and not (BIN / "medaction").is_file():
        reason = "there is no training environment: make train-env"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return Elsewhere(tmp_path_factory.mktemp("training"))


@pytest.fixture(scope="session")
def versions(tmp_path_factory):
    """Folders of dataset versions, built as people build them from a run that was grown by hand."""
    folder = tmp_path_factory.mktemp("versions")
    run = write_run(folder / "run", some_cases(12))
    shares = {"train": 0.8, "validation": 0.2}
    for name in ("sft", "dpo", "prompt-completion"):
        build_version([run], folder / name, Recipe(name, shares))
    build_version([run], folder / "no-train", Recipe("sft", {"validation": 1.0}))
    return folder


@pytest.fixture(scope="session")
def base(elsewhere, versions):
    """Three bases: `plain`; `rewriting`, whose template shortens earlier turns; `speechless`, which has no template."""
    folder = elsewhere.folder / "bases"
    plain = folder / "plain"
    elsewhere.run(("tiny_base", plain, versions / "sft" / "data" / "train.jsonl"))
    for name in ("rewriting", "speechless"):
        shutil.copytree(plain, folder / name)
    template = (plain / "chat_template.jinja").read_text()
    shortened = template.replace("m['content'] +", "(m['content'] if loop.last else m['content'][:9]) +")
    assert shortened != template
    (folder / "rewriting" / "chat_template.jinja").write_text(shortened)
    (folder / "speechless" / "chat_template.jinja").unlink()
    return folder


@pytest.fixture(scope="session")
def trained(elsewhere, versions, base):
    """What `medaction train sft` leaves, and its folder."""
    out = elsewhere.folder / "trained"
    process = elsewhere.start(
        "train", "sft", "--data", versions / "sft", "--out", out, "--json",
        *QUICK, f"--set=base={base / 'plain'}", "--set=steps=24", "--set=every=12",
    )  # fmt: skip
    said, told = process.communicate(timeout=600)
    assert process.returncode == 0, told
    return json.loads(said), out
