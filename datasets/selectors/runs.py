"""Runs as pages show them."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from datasets.models import BenchmarkRun, DistillationRun, RunCase, Selection, Verdict, Work

State = DistillationRun.State
ACTIVE = (State.QUEUED, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` came or failed; ``rate`` is how many an hour at the present number of workers.

    ``seconds_left`` is None while nothing is known, and when nothing runs.
    """

    done: int
    total: int
    workers: int
    rate: float | None
    seconds_left: float | None

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


def list_runs() -> QuerySet[DistillationRun]:
    """Newest first, each with its owner."""
    return DistillationRun.objects.select_related("owner").defer("manifest").order_by("-created_at")


def get_run(run_id: UUID | str) -> DistillationRun:
    """Raises ``DistillationRun.DoesNotExist``."""
    return DistillationRun.objects.select_related("owner").get(pk=run_id)


def get_progress(run: DistillationRun | BenchmarkRun) -> Progress:
    workers = run.chunks.filter(state=Work.State.RUNNING).count() if run.state in ACTIVE else 0
    done, total = getattr(run, run.DONE) + run.failed_count, getattr(run, run.ALL)
    each = run.seconds_worked / done if done else None
    if not workers or not each:
        return Progress(done, total, workers, None, None)
    left = (total - done) * each / workers
    return Progress(done, total, workers, 3600 * workers / each, left)


def get_selection(run: DistillationRun, selection_id: UUID | str | None = None) -> Selection:
    """That one of the run, or the one that it was grown with. Raises ``Selection.DoesNotExist``."""
    if selection_id:
        return run.selections.get(pk=selection_id)
    return run.selections.order_by("created_at")[0]


def list_selections(run: DistillationRun) -> list[Selection]:
    """Oldest first, each with its owner and ``verdict_counts``. Two queries."""
    selections = list(run.selections.select_related("owner").order_by("created_at"))
    found = Verdict.objects.filter(selection__run=run).order_by().values_list("selection", "verdict")
    counts: dict[UUID, Counter[str]] = defaultdict(Counter)
    for selection_id, verdict, count in found.annotate(Count("pk")):
        counts[selection_id][verdict] = count
    for selection in selections:
        selection.verdict_counts = counts[selection.pk]
    return selections


def list_run_cases(run: DistillationRun, *, kind: str = "", query: str = "", selection: Selection) -> QuerySet[RunCase]:
    """In their order, each with its case. ``kind``: those with a branch of this verdict, or ``FAILED``."""
    rows = run.cases.select_related("case").defer("case__payload", "case__search", "leaves", "rejected", "usage")
    if query.strip():
        rows = rows.filter(case__title__icontains=query.strip()) | rows.filter(case__slug__icontains=query.strip())
    if kind == "FAILED":
        rows = rows.exclude(error_message="")
    elif kind in Verdict.Kind.values:
        # Fetched, and not left to one statement: after a large import there are no statistics yet, and the plan that
        # PostgreSQL then takes for the joined one ran for minutes over a thousand trees.
        found = selection.verdicts.filter(verdict=kind).order_by().values_list("score__trajectory_id", flat=True)
        rows = rows.filter(trajectory_id__in=list(found.distinct()))
    return rows.order_by("position")


def count_verdicts(selection: Selection, rows: list[RunCase]) -> dict[UUID, Counter[str]]:
    """How the branches of each tree were decided, by trajectory, in one query."""
    counts: dict[UUID, Counter[str]] = defaultdict(Counter)
    trees = [row.trajectory_id for row in rows if row.trajectory_id]
    found = selection.verdicts.filter(score__trajectory_id__in=trees).order_by()
    for tree, verdict, count in found.values_list("score__trajectory_id", "verdict").annotate(Count("pk")):
        counts[tree][verdict] = count
    return counts
