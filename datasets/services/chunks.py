"""The life of a run's chunks, whatever comes of them: trees of a distillation run, results of a benchmark run.

A run has ``chunks`` and ``pieces``; a piece has its ``trajectory`` when it is done and an ``error_message`` when it
failed. Every commit is fenced by the chunk's attempt and by the state of the run. Rows are always locked in one order:
chunk, then run.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Now

from datasets.models import BenchmarkChunk, BenchmarkRun, DistillationRun, RunChunk
from datasets.services.announcing import announce_run
from datasets.services.working import State, claim_work, end_work, held, lease, put_before_workers

Run = DistillationRun | BenchmarkRun
Chunk = TypeVar("Chunk", RunChunk, BenchmarkChunk)
RunState = DistillationRun.State
"""A benchmark run's states have the same values."""
ACTIVE = (RunState.QUEUED, RunState.RUNNING)
ALL_FAILED = {
    DistillationRun: "No tree could be grown. The cases of this run say why.",
    BenchmarkRun: "No case could be worked up. The results of this run say why.",
}


def claim(*, model: type[Chunk], chunk_id: str, worker: str) -> Chunk | None:
    """None when the chunk does not wait, or its run is paused or over."""
    with transaction.atomic():
        chunk = claim_work(model=model, work_id=chunk_id, worker=worker)
        if chunk is None:
            return None
        active = _rows(chunk.run).filter(state__in=ACTIVE)
        begun = {"state": RunState.RUNNING, "started_at": Coalesce("started_at", Now()), "progressed_at": Now()}
        if not active.update(**begun):
            transaction.set_rollback(True)
            return None
        announce_run(chunk.run)
        return chunk


def list_undone(chunk: RunChunk | BenchmarkChunk) -> QuerySet[Any]:
    """Its pieces in their order, each with its case. What failed is not tried again by itself."""
    pieces = chunk.pieces.filter(trajectory__isnull=True, error_message="")
    return pieces.select_related("case").defer("case__search").order_by("position")


def touch(chunk: RunChunk | BenchmarkChunk) -> bool:
    """Fence, and say that something came of this attempt. Inside a transaction."""
    return bool(held(chunk).update(lease_expires_at=lease(), tries=0))


def count(run: Run, counts: Mapping[str, Any], seconds: float) -> bool:
    """Add to the run's counts. False, with everything of this transaction taken back, unless the run goes on."""
    values = {**counts, "progressed_at": Now(), "seconds_worked": F("seconds_worked") + seconds}
    if not _rows(run).filter(state=RunState.RUNNING).update(**values):
        transaction.set_rollback(True)
        return False
    announce_run(run, at_once=False)
    return True


def fail_piece(*, chunk: RunChunk | BenchmarkChunk, row: Any, message: str, seconds: float) -> bool:
    """Nothing came of this piece, and why. The run goes on without it. False: this attempt may not go on."""
    with transaction.atomic():
        if not touch(chunk):
            return False
        chunk.pieces.filter(pk=row.pk).update(error_message=message[:400])
        return count(chunk.run, {"failed_count": F("failed_count") + 1}, seconds)


def finish_chunk(*, chunk: RunChunk | BenchmarkChunk) -> None:
    """The chunk is done; with its last chunk, so is the run."""
    with transaction.atomic():
        if end_work(work=chunk, state=State.SUCCEEDED):
            conclude_run(chunk.run)


def let_go(*, chunk: RunChunk | BenchmarkChunk) -> None:
    """Give the chunk back: its run was paused (it waits) or ended (it is cancelled), or this worker is going away."""
    with transaction.atomic():
        if not held(chunk).select_for_update().exists():
            return
        state = _rows(chunk.run).values_list("state", flat=True).get()
        if state in (*ACTIVE, RunState.PAUSED):
            held(chunk).update(state=State.QUEUED, lease_expires_at=None, tries=0)
            if state in ACTIVE:
                put_before_workers(type(chunk), [chunk.pk])
        else:
            end_work(work=chunk, state=State.CANCELLED)


def fail_run(*, chunk: RunChunk | BenchmarkChunk, message: str) -> None:
    """Nothing of this run can be done here, nor by trying again."""
    with transaction.atomic():
        if not held(chunk).select_for_update().exists():
            return
        type(chunk).objects.filter(run=chunk.run_id, state=State.QUEUED).update(
            state=State.CANCELLED, finished_at=Now(), lease_expires_at=None
        )
        end_work(work=chunk, state=State.FAILED, error=message)
        failed = {"state": RunState.FAILED, "finished_at": Now(), "error_message": message[:400]}
        _rows(chunk.run).filter(state__in=ACTIVE).update(**failed)
        announce_run(chunk.run)


def conclude_run(run: Run) -> None:
    """End the run if nothing of it is left to do. Inside a transaction that has locked the chunk."""
    run = _rows(run).select_for_update().get()
    if run.state not in ACTIVE or run.chunks.filter(state__in=(State.QUEUED, State.RUNNING)).exists():
        return
    done = bool(getattr(run, run.DONE))
    run.state, run.error_message = (RunState.SUCCEEDED, "") if done else (RunState.FAILED, ALL_FAILED[type(run)])
    run.finished_at = Now()
    run.save(update_fields=["state", "error_message", "finished_at"])
    announce_run(run)


def _rows(run: Run) -> QuerySet[Any]:
    return type(run).objects.filter(pk=run.pk)
