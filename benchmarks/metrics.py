"""P7, the metrics' part: DTC, RAC and the rest on branches of grown trees, scored a second on one core.

`python -m benchmarks.metrics [--cases FILE …] [--limit N] [--json FILE]`. Trees are grown from our teaching cases (and
the files named) with the kg policy, twice with different seeds. Rates are of processor time: the first trees by a fresh
scorer (it reads every text and gathers every disease); then trees of the other seed, as in the middle of a long run
(texts and diseases known, branches new); then the same trees again; then single branches without their tree.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

from rich.console import Console

from benchmarks.numbers import Figure
from benchmarks.report import Row, as_json, show
from medaction.cli.case_files import load_cases
from medaction.distill.growing import grow_case
from medaction.distill.policies.catalogue import open_policy
from medaction.domain.branch import Branch
from medaction.domain.case import Case
from medaction.domain.tree import TrajectoryTree
from medaction.formats.teaching import load_teaching_cases
from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.metrics import METRIC_VERSION, BranchScorer

RUNS = 5
AIM = 1_000
Grown = Sequence[tuple[Case, TrajectoryTree, list[int]]]


def grow(cases: Sequence[Case], graph: KnowledgeGraph, seed: int) -> Grown:
    policy = open_policy("kg", lambda: graph)

    async def grow_all() -> Grown:
        records = [(case, await grow_case(case, policy, seed=seed)) for case in cases]
        return [(case, record.tree(), [leaf.seq for leaf, _ in record.branches()]) for case, record in records]

    return asyncio.run(grow_all())


def score_all(scorer: BranchScorer, grown: Grown) -> int:
    return sum(len(scorer.score_leaves(tree, leaves, case)) for case, tree, leaves in grown)


def score_singly(scorer: BranchScorer, grown: Grown) -> int:
    branches = [(case, Branch.from_nodes(tree.branch(leaf))) for case, tree, leaves in grown for leaf in leaves]
    for case, branch in branches:
        scorer.score(branch, case)
    return len(branches)


def rate(work: Callable[[], int]) -> float:
    began = process_time()
    done = work()
    return done / (process_time() - began)


def measure(cases: Sequence[Case], graph: KnowledgeGraph) -> tuple[list[Row], list[str]]:
    first, second = grow(cases, graph, 1), grow(cases, graph, 2)
    cold: list[float] = []
    steady: list[float] = []
    warm: list[float] = []
    singly: list[float] = []
    for _ in range(RUNS):
        graph.similarity_index.of.cache_clear()
        scorer = BranchScorer(graph)
        cold.append(rate(lambda: score_all(scorer, first)))  # noqa: B023 - called at once
        steady.append(rate(lambda: score_all(scorer, second)))  # noqa: B023 - called at once
        warm.append(rate(lambda: score_all(scorer, second)))  # noqa: B023 - called at once
        singly.append(rate(lambda: score_singly(scorer, second)))  # noqa: B023 - called at once
    rows = [
        Row("P7", "trajectories, fresh scorer", _figure(cold), "/s"),
        Row("P7", "trajectories, mid-run: new trees of known cases", _figure(steady), "/s", AIM, True),
        Row("P7", "the same trees again", _figure(warm), "/s", AIM, True),
        Row("P7", "the same branches, each without its tree", _figure(singly), "/s"),
    ]
    counts = [sum(len(leaves) for _, _, leaves in grown) for grown in (first, second)]
    return rows, [f"{len(cases)} cases, {counts[0]:,} and {counts[1]:,} branches; metric version {METRIC_VERSION}"]


def _figure(rates: Sequence[float]) -> Figure:
    return Figure(statistics.median(rates), min(rates), len(rates))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metrics", description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--limit", type=int, help="only the first cases of each file")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "medaction-benchmark")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    cases = list(load_teaching_cases())
    for path in arguments.cases:
        cases += load_cases(path, "auto", arguments.limit)
    graph = open_graph(arguments.cache)
    rows, notes = measure(cases, graph)
    show(Console(), rows, notes)
    if arguments.json:
        report = as_json(rows, notes, graph=graph.hash)
        arguments.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
