"""Two or more runs of one benchmark beside each other, case by case; people stand beside them as a run does."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any
from uuid import UUID

from datasets.models import Benchmark, BenchmarkResult, BenchmarkRun, HumanStanding
from datasets.selectors.benchmarks import list_ranked
from medaction.bench.compare import CompareError, compare_runs

MOST = 4
"""Compared at a time: pairs grow with the square, and a page waits for them."""
__all__ = ["MOST", "CompareError", "Entrant", "compare_entrants", "list_chosen"]
Entrant = BenchmarkRun | HumanStanding


def list_chosen(benchmark: Benchmark, ids: Sequence[str]) -> list[Entrant]:
    """Those of its leaderboard, people first. What is no id of one is left out."""
    chosen = set(ids)
    people = HumanStanding.objects.filter(benchmark=benchmark, reader_count__gt=0)
    runs = [run for run in list_ranked(benchmark) if str(run.pk) in chosen]
    return [*(one for one in people if str(one.pk) in chosen), *runs]


def compare_entrants(entrants: Sequence[Entrant]) -> list[tuple[Entrant, Entrant, dict[str, Any]]]:
    """Every pair with the library's comparison of it, over the cases that all have. One query.

    Raises :class:`medaction.bench.compare.CompareError`, with a sentence.
    """
    if len(entrants) > MOST:
        raise CompareError(f"at most {MOST} rows are compared at a time")
    records: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    runs = [one for one in entrants if isinstance(one, BenchmarkRun)]
    found = BenchmarkResult.objects.filter(run__in=runs, record__isnull=False).order_by("run", "position")
    for run_id, record in found.values_list("run", "record"):
        records[run_id].append(record)
    for one in entrants:
        if isinstance(one, HumanStanding):
            records[one.pk] = one.records
    compared = compare_runs([{**one.report, "cases": records[one.pk]} for one in entrants], force_common=True)
    return [(a, b, pair) for (a, b), pair in zip(combinations(entrants, 2), compared["pairs"], strict=True)]
