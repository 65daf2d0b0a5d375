"""Two or more runs of one benchmark beside each other, case by case."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any
from uuid import UUID

from datasets.models import Benchmark, BenchmarkResult, BenchmarkRun
from datasets.selectors.benchmarks import list_ranked
from medaction.bench.compare import CompareError, compare_runs

MOST = 4
"""Runs compared at a time: pairs grow with the square, and a page waits for them."""
__all__ = ["MOST", "CompareError", "compare_benchmark_runs", "list_chosen"]


def list_chosen(benchmark: Benchmark, ids: Sequence[str]) -> list[BenchmarkRun]:
    """Those of its ranked runs, in their order. What is no id of one is left out."""
    return [run for run in list_ranked(benchmark) if str(run.pk) in set(ids)]


def compare_benchmark_runs(runs: Sequence[BenchmarkRun]) -> list[tuple[BenchmarkRun, BenchmarkRun, dict[str, Any]]]:
    """Every pair with the library's comparison of it, over the cases that all have. One query.

    Raises :class:`medaction.bench.compare.CompareError`, with a sentence.
    """
    if len(runs) > MOST:
        raise CompareError(f"at most {MOST} runs are compared at a time")
    records: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    found = BenchmarkResult.objects.filter(run__in=runs, record__isnull=False).order_by("run", "position")
    for run_id, record in found.values_list("run", "record"):
        records[run_id].append(record)
    compared = compare_runs([{**run.report, "cases": records[run.pk]} for run in runs], force_common=True)
    return [(one, other, pair) for (one, other), pair in zip(combinations(runs, 2), compared["pairs"], strict=True)]
