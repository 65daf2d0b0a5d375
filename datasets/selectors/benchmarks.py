"""Benchmarks, their runs and results as pages show them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT

from datasets.models import Benchmark, BenchmarkResult, BenchmarkRun, HumanStanding
from diagnosis.models import Case, ModelRelease
from review.models import ReviewItem

State = BenchmarkRun.State
Outcome = BenchmarkResult.Outcome
FORMAT, FAILED = "FORMAT", "FAILED"
DONE = Q(runs__state=State.SUCCEEDED)
REVIEWED = ReviewItem.Source.BENCHMARK
IN_REVIEW = Exists(
    ReviewItem.objects.filter(trajectory=OuterRef("trajectory"), leaf_seq=OuterRef("leaf_seq"), source=REVIEWED)
)
SHOWN = ("given", "truth", "rank", "turns", "cost", "dtc", "rac", "coverage")
"""What a list says of a record."""


@dataclass(frozen=True, slots=True)
class ResultSheet:
    """One result with the places of its neighbours in the run; None at either end."""

    result: BenchmarkResult
    before: UUID | None
    after: UUID | None


def list_benchmarks() -> QuerySet[Benchmark]:
    """By name, each with its owner, ``run_count`` (those that are done) and ``latest``."""
    counted = Benchmark.objects.annotate(
        run_count=Count("runs", filter=DONE), latest=Max("runs__finished_at", filter=DONE)
    )
    return counted.select_related("owner").order_by("name")


def get_benchmark(key: str) -> Benchmark:
    """Raises ``Benchmark.DoesNotExist``."""
    return Benchmark.objects.select_related("owner").get(key=key)


def list_benchmark_cases(benchmark: Benchmark) -> QuerySet[Case]:
    """As the revisions that are asked, in their order, without their payloads."""
    cases = Case.objects.filter(benchmark_cases__benchmark=benchmark).defer("payload", "search")
    return cases.order_by("benchmark_cases__position")


def list_benchmark_runs(benchmark: Benchmark) -> QuerySet[BenchmarkRun]:
    """Newest first, each with its owner."""
    return benchmark.runs.select_related("owner").defer("manifest").order_by("-created_at")


def list_release_runs(release: ModelRelease) -> QuerySet[BenchmarkRun]:
    """What this model was measured by, the newest twenty."""
    return release.benchmark_runs.select_related("benchmark").defer("manifest").order_by("-created_at")[:20]


def list_ranked(benchmark: Benchmark) -> list[BenchmarkRun]:
    """The runs that are done, the most accurate first; a run of which nothing came is not among them."""
    runs = list_benchmark_runs(benchmark).filter(state=State.SUCCEEDED, reported_at__isnull=False)
    return sorted(runs, key=lambda run: -(run.report["top1"] or 0.0))


def find_humans(benchmark: Benchmark) -> HumanStanding | None:
    """What people made of its cases, without their records; None before somebody asked for it."""
    return HumanStanding.objects.filter(benchmark=benchmark).defer("records").first()


def get_benchmark_run(run_id: UUID | str) -> BenchmarkRun:
    """Raises ``BenchmarkRun.DoesNotExist``."""
    return BenchmarkRun.objects.select_related("benchmark", "owner").get(pk=run_id)


def count_outcomes(run: BenchmarkRun) -> Counter[str]:
    """How many results there are of each outcome, and under ``FORMAT`` of those with an unreadable turn."""
    found = run.results.filter(record__isnull=False).order_by().values_list("outcome")
    counts: Counter[str] = Counter()
    for outcome, count, unreadable in found.annotate(
        n=Count("pk"), unreadable=Count("pk", filter=Q(format_failures__gt=0))
    ):
        counts[outcome] += count
        counts[FORMAT] += unreadable
    return counts


def list_results(run: BenchmarkRun, *, kind: str = "", query: str = "") -> QuerySet[BenchmarkResult]:
    """In their order, each with its case, what a list says of its record, and whether it is ``in_review``.

    ``kind``: of this outcome, ``FORMAT`` (with an unreadable turn) or ``FAILED`` (none came). ``query``: a part of the
    case's title or id, or of the diagnosis that was given.
    """
    told = {f"its_{name}": KT(f"record__{name}") for name in SHOWN}
    rows = run.results.select_related("case").defer("record", "case__payload", "case__search")
    rows = rows.annotate(**told, in_review=IN_REVIEW)
    if words := query.strip():
        rows = rows.filter(
            Q(case__title__icontains=words) | Q(case__slug__icontains=words) | Q(its_given__icontains=words)
        )
    if kind == FAILED:
        rows = rows.exclude(error_message="")
    elif kind == FORMAT:
        rows = rows.filter(format_failures__gt=0)
    elif kind in Outcome.values:
        rows = rows.filter(outcome=kind)
    return rows.order_by("position")


def list_run_records(run: BenchmarkRun) -> list[dict[str, Any]]:
    """The library's records, in their order."""
    return list(run.results.filter(record__isnull=False).order_by("position").values_list("record", flat=True))


def get_whole_report(run: BenchmarkRun) -> dict[str, Any]:
    """The library's report of a run, with the records that are its cases."""
    return {**run.report, "cases": list_run_records(run)}


def get_result(trajectory_id: UUID | str) -> ResultSheet:
    """Three queries. Raises ``BenchmarkResult.DoesNotExist``."""
    results = BenchmarkResult.objects.select_related("run__benchmark", "case").defer("case__search", "run__manifest")
    result = results.get(trajectory=trajectory_id)
    others = result.run.results.filter(trajectory__isnull=False).values_list("trajectory", flat=True)
    before = others.filter(position__lt=result.position).order_by(F("position").desc()).first()
    after = others.filter(position__gt=result.position).order_by("position").first()
    return ResultSheet(result, before, after)
