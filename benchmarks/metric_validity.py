"""Do the metrics catch what they are meant to catch? ROC-AUC of each metric against each of five corruptions.

`python -m benchmarks.metric_validity [--cases FILE …] [--limit N] [--json FILE]`. Good branches are those in which the
kg policy ends with the right diagnosis after at least three turns, on our teaching cases and on the files named. Each
is spoilt in each way of `benchmarks.corruptions`; AUC is the chance that a metric ranks a good branch above a spoilt
one (ties count half), with an interval that resamples cases. A second table keeps the branches with an occasion: those
in which a later turn is led by another diagnosis than the first (to freeze what never had to move spoils nothing).

Beware: policy and metric read the same graph, so a good branch is good by construction; foreign policies will score
lower, and this table cannot say how much lower is right.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.corruptions import CORRUPTIONS, Material
from medaction.bench.trajectories import branch_of
from medaction.cli.case_files import load_cases
from medaction.distill.episode import run_episode
from medaction.distill.policies.kg import KgPolicy
from medaction.domain.branch import Branch
from medaction.domain.case import Case
from medaction.domain.catalogue import load_catalogue
from medaction.formats.teaching import load_teaching_cases
from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.metrics import METRIC_VERSION, BranchScore, BranchScorer

LEAST_TURNS = 3
METRICS: dict[str, Callable[[BranchScore], float | None]] = {
    "DTC": lambda score: score.dtc,
    "RAC": lambda score: score.rac,
    "RAC, new findings only": lambda score: score.rac and score.measures["rac_new"],
    "grounding": lambda score: score.grounding,
    "no rigidity": lambda score: _inverted(score.battery["rigidity"]),
    "no erratic jump": lambda score: _inverted(score.battery["erratic_jump_rate"]),
}
MEANT = {
    "results swapped": ("RAC", "RAC, new findings only"),
    "turns shuffled": ("DTC", "RAC, new findings only"),
    "differential frozen": ("RAC", "no rigidity"),
    "random jumps": ("RAC", "no erratic jump"),
    "orders at random": ("grounding",),
}


def _inverted(rate: float | None) -> float:
    """A battery's rate as a score; a branch that gave no occasion did nothing wrong."""
    return 1.0 - (rate or 0.0)


def find_good(cases: Sequence[Case], graph: KnowledgeGraph, scorer: BranchScorer) -> list[tuple[Case, Branch]]:
    policy = KgPolicy(graph)

    async def play() -> list[tuple[Case, Branch]]:
        return [(case, branch_of(await run_episode(case, policy))) for case in cases]

    played = asyncio.run(play())
    return [
        (case, branch)
        for case, branch in played
        if len(branch.steps) >= LEAST_TURNS and scorer.score(branch, case).correct
    ]


def gives_occasion(branch: Branch) -> bool:
    """Whether a later turn is led by another diagnosis than the one before: there is an update that can go wrong."""
    leaders = [turn.differential[0].dx for turn in branch.turns if turn.differential]
    return len(set(leaders)) > 1


def auc(pairs: Sequence[tuple[float, float]], seed: int = 0) -> tuple[float, float, float]:
    """(AUC, low, high) of good against spoilt values; the interval resamples pairs, so cases."""
    good, spoilt = np.array(pairs).T

    def rank(picked: Any) -> float:
        difference = good[picked][:, None] - spoilt[picked][None, :]
        return float((difference > 1e-9).mean() + 0.5 * (np.abs(difference) <= 1e-9).mean())

    chance = np.random.default_rng(seed)
    everything = np.arange(len(good))
    resampled = [rank(chance.integers(0, len(good), len(good))) for _ in range(1000)]
    low, high = np.quantile(resampled, [0.025, 0.975])
    return round(rank(everything), 3), round(float(low), 3), round(float(high), 3)


def measure(good: Sequence[tuple[Case, Branch]], graph: KnowledgeGraph, scorer: BranchScorer) -> dict[str, Any]:
    diseases = [disease.name for disease in graph.list_authored()]
    tests = [entry.name for entry in load_catalogue().values()]
    material = Material([branch for _, branch in good], diseases, tests)
    report: dict[str, Any] = {}
    for name, corrupt in CORRUPTIONS.items():
        chance = random.Random(f"7 {name}")
        spoilt = [corrupt(branch, material, chance) for _, branch in good]
        changed = [place for place, (_, branch) in enumerate(good) if spoilt[place] != branch]
        scores = [(scorer.score(good[p][1], good[p][0]), scorer.score(spoilt[p], good[p][0])) for p in changed]
        report[name] = {}
        for metric, value in METRICS.items():
            pairs = [
                (a, b) for one, other in scores if (a := value(one)) is not None and (b := value(other)) is not None
            ]
            figure = auc(pairs) if pairs else None
            means = [round(float(np.mean(side)), 3) for side in zip(*pairs, strict=True)]
            report[name][metric] = {"auc": figure, "n": len(pairs), "means": means, "meant": metric in MEANT[name]}
    return report


def show(console: Console, report: dict[str, Any], which: str) -> None:
    table = Table("corruption", *METRICS, title=f"{which}: ROC-AUC (95 % interval); * = meant to catch it")
    for name, row in report.items():
        cells = [
            f"{'*' if cell['meant'] else ''}{cell['auc'][0]:.2f} ({cell['auc'][1]:.2f}–{cell['auc'][2]:.2f})"
            if cell["auc"]
            else "–"
            for cell in row.values()
        ]
        table.add_row(f"{name} (n={max(cell['n'] for cell in row.values())})", *cells)
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metric_validity", description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--no-teaching", action="store_true", help="leave our own cases out")
    parser.add_argument("--limit", type=int, help="only the first cases of each file")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "medaction-benchmark")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    cases = [] if arguments.no_teaching else list(load_teaching_cases())
    for path in arguments.cases:
        cases += load_cases(path, "auto", arguments.limit)
    graph = open_graph(arguments.cache)
    scorer = BranchScorer(graph)
    good = find_good(cases, graph, scorer)
    occasions = [(case, branch) for case, branch in good if gives_occasion(branch)]
    reports = {"all": measure(good, graph, scorer), "with an occasion": measure(occasions, graph, scorer)}
    console = Console(width=180)
    console.print(f"{len(good)} good branches of {len(cases)} cases; metric version {METRIC_VERSION}")
    for which, report in reports.items():
        show(console, report, which)
    if arguments.json:
        whole = {"good": len(good), "cases": len(cases), "graph": graph.hash, "version": METRIC_VERSION, "auc": reports}
        arguments.json.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
