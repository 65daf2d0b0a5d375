"""`medaction distill`, as a user runs it: grow, be killed, go on, score, prune, look."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
from typer.testing import CliRunner

from medaction.cli import app
from medaction.distill.runs import open_run
from medaction.formats.own_jsonl import write_own_jsonl
from medaction.formats.teaching import load_teaching_cases

ROOT = Path(__file__).resolve().parents[3]
QUICK = "anchored:0.7,random:0.3"
CASES = 24


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cases") / "teaching.jsonl"
    write_own_jsonl(load_teaching_cases()[:CASES], path)
    return path


class Command:
    """`medaction distill …` in a process of its own, over the graph that the other tests use."""

    def __init__(self, cache: Path) -> None:
        self._environment = {**os.environ, "MEDACTION_CACHE": str(cache), "PYTHONPATH": str(ROOT)}

    def start(self, *arguments: object, limit: int | None = None) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "medaction.cli", "distill", *map(str, arguments)]
        if limit is not None:
            command = ["bash", "-c", f"trap '' XFSZ; ulimit -f {limit}; exec \"$@\"", "bash", *command]
        return subprocess.Popen(
            command, env=self._environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def finish(self, *arguments: object, code: int = 0, limit: int | None = None) -> tuple[str, str]:
        """In a process of its own, to its end."""
        out, err = (process := self.start(*arguments, limit=limit)).communicate(timeout=120)
        assert process.returncode == code, err
        return out, err

    def run(self, *arguments: object, code: int = 0) -> tuple[str, str]:
        """In this process, which is faster."""
        done = CliRunner(env=self._environment).invoke(app, ["distill", *map(str, arguments)])
        assert done.exit_code == code, done.output
        return done.stdout, done.stderr

    def json(self, *arguments: object) -> Any:
        return orjson.loads(self.run(*arguments, "--json")[0])


@pytest.fixture(scope="module")
def distill(request: pytest.FixtureRequest, graph: object) -> Command:
    return Command(request.config.cache.mkdir("knowledge"))


@pytest.fixture(scope="module")
def whole(distill: Command, cases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    told = distill.json("grow", "--cases", cases, "--policy", QUICK, "--out", folder)
    assert told["trees"] == told["grown"] == CASES
    assert sum(told["policies"].values()) == CASES
    assert set(told["policies"]) == {"anchored", "random"}
    return folder


@pytest.mark.timeout(600)
@pytest.mark.parametrize("processes", [1, 2])
def test_killed_at_random_points_it_loses_and_repeats_nothing(
    distill: Command, cases: Path, whole: Path, tmp_path: Path, processes: int
) -> None:
    folder = tmp_path / "run"
    grow = ("grow", "--cases", cases, "--policy", QUICK, "--out", folder, "--processes", processes, "--json")
    trees = folder / "trees.jsonl"
    size = (whole / "trees.jsonl").stat().st_size
    lot = random.Random(processes)
    kills = 0
    for share in sorted(lot.random() * 0.9 for _ in range(3)):
        process = distill.start(*grow)
        while process.poll() is None and (not trees.exists() or trees.stat().st_size < share * size):
            time.sleep(0.001)
        children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        assert not psutil.wait_procs(children, timeout=20)[1]
        # What a kill inside a write leaves: half of the next line.
        if trees.exists() and trees.read_bytes()[-1:] == b"\n":
            with trees.open("ab") as file:
                file.write(b'{"case":"teach-')
    assert kills == 3
    out, err = distill.finish(*grow)
    assert "ended in an unfinished line; 15 bytes were cut off" in err
    assert trees.read_bytes() == (whole / "trees.jsonl").read_bytes()
    assert orjson.loads(out)["trees"] == CASES
    assert open_run(folder).fingerprint == open_run(whole).fingerprint


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_clean_and_says_what_to_do(
    distill: Command, cases: Path, tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "run"
    process = distill.start("grow", "--cases", cases, "--policy", QUICK, "--out", folder, "--leaves", 200)
    # In the midst of growing: while the event loop is being made, Python itself has more to say of an interrupt.
    trees = folder / "trees.jsonl"
    while process.poll() is None and not (trees.exists() and trees.stat().st_size):
        time.sleep(0.002)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (130, 0)
    if process.returncode == 130:
        assert err.splitlines()[-1] == "medaction: stopped; what was finished is kept, and the same command goes on"
        assert "Traceback" not in err
    assert open_run(folder).notes == []


def test_a_full_disk_leaves_a_run_that_goes_on(distill: Command, cases: Path, whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    grow = ("grow", "--cases", cases, "--policy", QUICK, "--out", folder)
    half = (whole / "trees.jsonl").stat().st_size // 2048
    _, err = distill.finish(*grow, code=1, limit=half)
    assert "what was finished is kept, and the same command goes on" in err
    assert "Traceback" not in err
    assert 0 < len(list(open_run(folder).trees())) < CASES
    distill.run(*grow)
    assert (folder / "trees.jsonl").read_bytes() == (whole / "trees.jsonl").read_bytes()


def test_another_configuration_is_refused_and_named(distill: Command, cases: Path, whole: Path) -> None:
    before = (whole / "trees.jsonl").read_bytes()
    for arguments, told in (
        (("--seed", 3), "seed: 0, now 3"),
        (("--below", 1), "shape.below: 2, now 1"),
        (("--limit", 3), "cases.n: 24, now 3"),
    ):
        _, err = distill.run("grow", "--cases", cases, "--policy", QUICK, "--out", whole, *arguments, code=1)
        assert told in err.replace("\n", " ")
    assert (whole / "trees.jsonl").read_bytes() == before


def test_scoring_killed_goes_on_and_pruning_counts_add_up(distill: Command, whole: Path) -> None:
    _, err = distill.run("prune", whole, code=1)
    assert "medaction distill score" in err
    process = distill.start("score", whole)
    scores = whole / "scores.jsonl"
    while process.poll() is None and (not scores.exists() or not scores.stat().st_size):
        time.sleep(0.002)
    process.kill()
    process.communicate()
    told = distill.json("score", whole, "--processes", 2)
    branches = sum(1 for tree in open_run(whole).trees() for _ in tree.branches())
    assert told["branches"] == branches
    assert sum(figures["n"] for figures in told["policies"].values()) == branches
    assert [one.case for one in open_run(whole).scores()] == [tree.case for tree in open_run(whole).trees()]
    again = scores.read_bytes()
    scores.unlink()
    distill.run("score", whole)
    assert scores.read_bytes() == again

    counts = distill.json("prune", whole)
    assert sum(counts["verdicts"].values()) == branches
    assert sum(sum(rules.values()) for rules in counts["rules"].values()) == branches
    for verdict, count in counts["verdicts"].items():
        assert count == sum(policy[verdict] for policy in counts["policies"].values())
    assert counts["kept"] == counts["verdicts"]["RETAINED"] + counts["verdicts"]["TRUNCATED"]
    assert counts["kept_maximal"] <= counts["kept_distinct"] <= counts["kept"]
    # A policy that throws dice must not be kept whole.
    assert counts["policies"]["random"]["RETAINED"] == 0

    rows = distill.json("sensitivity", whole)
    chosen = [row for row in rows if row["chosen"]]
    assert {row["threshold"] for row in chosen} == {"dtc", "rac", "turn_rac", "grounding"}
    assert all(row[verdict] == count for row in chosen for verdict, count in counts["verdicts"].items())

    case = next(iter(open_run(whole).cases()))
    drawn, _ = distill.run("show", whole, case)
    assert drawn.startswith(f"{case} · policy ")
    assert "turn 2" in drawn
    assert " by " in drawn
    shown = distill.json("show", whole, case)
    assert shown["tree"]["case"] == shown["verdicts"]["case"] == case


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("grow", "--cases", "CASES", "--policy", "oracle", "--out", "OUT"), 2, "there is no policy 'oracle'"),
        (("grow", "--cases", "CASES", "--policy", "kg,random", "--out", "OUT"), 2, "each needs a share"),
        (("grow", "--cases", "CASES", "--policy", "chat", "--out", "OUT"), 2, "--base-url"),
        (("grow", "--cases", "CASES", "--policy", "scripted:none", "--out", "OUT"), 2, "no script called"),
        (("grow", "--cases", "CASES", "--out", "OUT", "--temperature", "9"), 2, "between 0 and 2"),
        (("grow", "--cases", "CASES", "--out", "OUT", "--graph-dropout", "2"), 2, "between 0 and 1"),
        (("grow", "--cases", "CASES", "--out", "OUT", "--node-budget", "1"), 2, "at least 3 nodes"),
        (("grow", "--cases", "OUT/none.jsonl", "--out", "OUT"), 1, "no case"),
        (("score", "OUT"), 1, "medaction distill grow"),
        (("prune", "OUT"), 1, "medaction distill grow"),
        (("prune", "OUT", "--dtc", "1.2"), 2, "threshold dtc must be from 0 to 1"),
        (("sensitivity", "OUT", "--rac", "-1"), 2, "threshold rac must be from 0 to 1"),
        (("show", "OUT", "x"), 1, "medaction distill grow"),
    ],
)
def test_bad_input_is_a_sentence_and_leaves_nothing(
    distill: Command, cases: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    out = tmp_path / "out"
    filled = [part.replace("CASES", str(cases)).replace("OUT", str(out)) for part in arguments]
    _, err = distill.run(*filled, code=code)
    assert told in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err
    assert not out.exists() or not list(out.iterdir())
