"""Working up a chunk of a benchmark run, result by result, and the report of what there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from datasets.models import BenchmarkChunk, BenchmarkResult, BenchmarkRun
from datasets.services import chunks
from datasets.services.storing import store_nodes
from datasets.services.working import State, end_work
from diagnosis.models import Trajectory
from diagnosis.services.paths import lay_nodes
from medaction.domain.case import Case

Outcome = BenchmarkResult.Outcome
VERDICTS = {"same": Outcome.RIGHT, "broader": Outcome.BROADER, "other": Outcome.WRONG, "unlinked": Outcome.UNLINKED}
REPORT_AGE = timedelta(seconds=20)
"""How old a report may be while its run goes on."""


@dataclass(frozen=True, slots=True)
class PendingResult:
    """A result of the chunk that is not there yet."""

    row: BenchmarkResult
    case: Case


def claim_chunk(*, chunk_id: str, worker: str) -> BenchmarkChunk | None:
    """None when the chunk does not wait, or its run is paused or over."""
    return chunks.claim(model=BenchmarkChunk, chunk_id=chunk_id, worker=worker)


def list_pending(*, chunk: BenchmarkChunk) -> list[PendingResult]:
    """In their order. What failed is not tried again by itself."""
    return [PendingResult(row, Case.from_dict(row.case.payload)) for row in chunks.list_undone(chunk)]


def commit_result(*, chunk: BenchmarkChunk, row: BenchmarkResult, record: dict[str, Any], seconds: float) -> bool:
    """Store a record of ``bench_case`` with its path. False, and nothing is written: this attempt may not go on."""
    with transaction.atomic():
        if not chunks.touch(chunk):
            return False
        place, leaf = store_path(chunk.run, row, record["branch"])
        BenchmarkResult.objects.filter(pk=row.pk).update(
            record={key: value for key, value in record.items() if key != "branch"},
            trajectory_id=place,
            leaf_seq=leaf,
            outcome=outcome_of(record),
            format_failures=record["format_failures"],
        )
        return chunks.count(chunk.run, {"done_count": F("done_count") + 1}, seconds)


def outcome_of(record: dict[str, Any]) -> str:
    return Outcome.NONE if record["given"] is None else VERDICTS[record["verdict"]]


def needs_report(*, chunk: BenchmarkChunk) -> bool:
    """Whether the run's report is to be made anew now: at the end, and every now and then before it."""
    run = BenchmarkRun.objects.only("reported_at", "started_at", "done_count").get(pk=chunk.run_id)
    if not run.done_count:
        return False
    told = run.reported_at or run.started_at
    return _is_last(chunk) or told is None or timezone.now() - told > REPORT_AGE


def finish_chunk(*, chunk: BenchmarkChunk, report: dict[str, Any] | None, records: int) -> bool:
    """The chunk is done; with its last chunk, so is the run. ``report`` is of so many records; its cases are not kept.

    False, and nothing is written: more has come meanwhile, and the report of the whole run must be of all of it.
    """
    with transaction.atomic():
        if not end_work(work=chunk, state=State.SUCCEEDED):
            return True
        run = BenchmarkRun.objects.select_for_update().get(pk=chunk.run_id)
        if run.done_count > records and _is_last(chunk):
            transaction.set_rollback(True)
            return False
        if report is not None:
            kept = {key: value for key, value in report.items() if key != "cases"}
            BenchmarkRun.objects.filter(pk=run.pk).update(report=kept, reported_at=Now())
        chunks.conclude_run(run)
        return True


def _is_last(chunk: BenchmarkChunk) -> bool:
    others = BenchmarkChunk.objects.filter(run=chunk.run_id, state__in=(State.QUEUED, State.RUNNING))
    return not others.exclude(pk=chunk.pk).exists()


def store_path(run: BenchmarkRun, row: BenchmarkResult, branch: dict[str, Any]) -> tuple[UUID, int]:
    """The same result of the same run always has the same id, so that it cannot be written twice."""
    place = uuid5(run.pk, f"{row.case_id}/{row.sample}")
    Trajectory.objects.create(
        pk=place,
        case_id=row.case_id,
        origin=Trajectory.Origin.BENCHMARK,
        settings={
            "environment": run.benchmark.protocol,
            "prompt_hash": run.prompt_hash,
            "model": {"key": run.policy, "label": run.policy_label},
            "run": str(run.pk),
        },
    )
    nodes: Sequence[dict[str, Any]] = lay_nodes(branch, model=run.policy, model_label=run.policy_label)
    store_nodes([(place, node) for node in nodes])
    return place, nodes[-1]["seq"]
