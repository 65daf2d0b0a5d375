"""P5: trajectories exported a second from the database, beside an ORM that prefetches and a naive serializer.

`python -m benchmarks.export [--run DIR] [--json FILE]`. A run directory (or trees grown here from our
teaching cases) is imported into an embedded PostgreSQL; then both write the sft rows of its kept branches. Seconds are
of the wall; memory is what a fresh process adds at its peak while it exports.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import django
from rich.console import Console

from benchmarks.numbers import Figure
from benchmarks.report import Row, as_json, show

RUNS = 3
AIM, AIM_TIMES, AIM_MB = 4_000, 5, 100


def grow_run(folder: Path) -> Path:
    """Trees of the teaching cases, by the commands that everybody uses."""
    medaction = [sys.executable, "-m", "medaction.cli", "distill"]
    run = folder / "run"
    for command in (
        ["grow", "--cases", "medaction/cases", "--policy", "kg", "--out", str(run)],
        ["score", str(run)],
        ["prune", str(run)],
    ):
        subprocess.run([*medaction, *command], check=True, stdout=subprocess.DEVNULL)
    return run


def export_ours(folder: Path) -> int:
    """As a worker writes a version: the run's rows out of the database, then the version of them."""
    from datasets.models import DistillationRun
    from datasets.services.run_export import export_run
    from medaction.corpus import Recipe, build_version
    from medaction.distill.runs import open_run

    export_run(run=DistillationRun.objects.get(), path=folder / "run", scores=False)
    manifest = build_version([open_run(folder / "run")], folder / "version", Recipe(format="sft"))
    return int(manifest["counts"]["branches"])


def export_naively(folder: Path) -> int:
    """Every object of every tree in memory, and one list of dictionaries for all of it."""
    from datasets.models import DistillationRun, Verdict
    from medaction.domain.branch import read_observation
    from medaction.domain.prompt import render_messages
    from medaction.domain.tree import Node, NodeKind, TrajectoryTree

    rows: list[dict[str, Any]] = []
    branches = 0
    selection = DistillationRun.objects.get().selections.get()
    verdicts = (
        Verdict.objects.filter(selection=selection)
        .select_related("score__trajectory__case")
        .prefetch_related("score__trajectory__nodes")
    )
    for verdict in verdicts:
        branches += 1
        trajectory = verdict.score.trajectory
        tree = TrajectoryTree(
            Node(node.seq, node.parent_seq, NodeKind(node.kind), node.content, node.sampled, node.content_hash)
            for node in trajectory.nodes.all()
        )
        nodes = tree.branch(verdict.score.leaf_seq)
        turns = [node for node in nodes if node.kind is NodeKind.TURN][: verdict.kept]
        if not turns:
            continue
        shown = [read_observation(node) for node in nodes if node.kind is NodeKind.OBSERVATION]
        history = [(turn.content["text"], after) for turn, after in zip(turns[:-1], shown[1:], strict=False)]
        messages = render_messages(shown[0], history, must_diagnose=False)
        messages.append({"role": "assistant", "content": turns[-1].content["text"]})
        rows.append({"case": trajectory.case.slug, "licence": trajectory.case.payload["licence"], "messages": messages})
    (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    return branches


def measure_apart(export: Callable[[Path], int]) -> tuple[int, float, float]:
    """Branches, seconds and megabytes added, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measure, (export.__name__,))


def _measure(name: str) -> tuple[int, float, float]:
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        before = _resident()
        began = perf_counter()
        branches = globals()[name](Path(folder))
        return branches, perf_counter() - began, _resident() - before


def _resident() -> float:
    """The peak so far: what getrusage tells outlives exec, and would be the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(run: Path) -> tuple[list[Row], list[str]]:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("import_run", str(run), verbosity=0)
    ours = [measure_apart(export_ours) for _ in range(RUNS)]
    naive = [measure_apart(export_naively) for _ in range(RUNS)]
    rates = [branches / seconds for branches, seconds, _ in ours]
    slow = [branches / seconds for branches, seconds, _ in naive]
    times = [fast / other for fast, other in zip(rates, slow, strict=True)]
    rows = [
        Row("P5", "trajectories exported a second", Figure.of(rates, more_is_better=True), "/s", AIM, True),
        Row("P5", "the ORM and a naive serializer", Figure.of(slow, more_is_better=True), "/s"),
        Row("P5", "how many times as fast", Figure.of(times, more_is_better=True), "×", AIM_TIMES, True),
        Row("P5", "memory added at the peak", Figure.of([mb for _, _, mb in ours]), "MB", AIM_MB),
        Row("P5", "the same, naive", Figure.of([mb for _, _, mb in naive]), "MB"),
    ]
    return rows, [f"{ours[0][0]:,} branches of one run, exported as sft from PostgreSQL; each run in a new process."]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.export", description=__doc__)
    parser.add_argument("--run", type=Path, metavar="DIR", help="a run that is scored and pruned")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "medaction_site.settings.test"
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        rows, notes = measure(arguments.run or grow_run(Path(folder)))
    show(Console(), rows, notes)
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(rows, notes), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
