"""Growing a chunk of a run, case by case. Each commit is fenced by the chunk's attempt and by the state of the run.

Rows are always locked in one order: chunk, then run.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from datasets.models import DistillationRun, RunCase, RunChunk
from datasets.services.announcing import announce_run
from datasets.services.run_import import COUNTED
from datasets.services.storing import TreeToStore, store_trees, tree_fields
from datasets.services.working import State, claim_work, end_work, held, lease, put_before_workers
from medaction.domain.case import Case

RunState = DistillationRun.State
ACTIVE = (RunState.QUEUED, RunState.RUNNING)
ALL_FAILED = "No tree could be grown. The cases of this run say why."


@dataclass(frozen=True, slots=True)
class PendingCase:
    """A case of the chunk without a tree."""

    row: RunCase
    case: Case


def claim_chunk(*, chunk_id: str, worker: str) -> RunChunk | None:
    """None when the chunk does not wait, or its run is paused or over."""
    with transaction.atomic():
        chunk = claim_work(model=RunChunk, work_id=chunk_id, worker=worker)
        if chunk is None:
            return None
        active = DistillationRun.objects.filter(pk=chunk.run_id, state__in=ACTIVE)
        begun = {"state": RunState.RUNNING, "started_at": Coalesce("started_at", Now()), "progressed_at": Now()}
        if not active.update(**begun):
            transaction.set_rollback(True)
            return None
        announce_run(chunk.run)
        return chunk


def list_pending(*, chunk: RunChunk) -> list[PendingCase]:
    """In their order. What failed is not tried again by itself."""
    rows = chunk.cases.filter(trajectory__isnull=True, error_message="").select_related("case").defer("case__search")
    return [PendingCase(row, Case.from_dict(row.case.payload)) for row in rows.order_by("position")]


def commit_tree(*, chunk: RunChunk, row: RunCase, tree: TreeToStore, seconds: float) -> bool:
    """Store one tree with its scores and verdicts. False, and nothing is written: this attempt may not go on."""
    with transaction.atomic():
        if not _touch(chunk):
            return False
        run = chunk.run
        stored = store_trees(run=run, selection=run.selections.order_by("created_at")[0], trees=[tree])
        values = tree_fields(tree, stored.trajectories[tree.case_id])
        RunCase.objects.filter(pk=row.pk).update(**values)
        counts: dict[str, Any] = {
            "grown_count": F("grown_count") + 1,
            "node_count": F("node_count") + stored.nodes,
            "branch_count": F("branch_count") + stored.branches,
            **{field: F(field) + stored.verdicts[kind] for kind, field in COUNTED.items()},
        }
        return _count(run, counts, seconds)


def fail_case(*, chunk: RunChunk, row: RunCase, message: str, seconds: float) -> bool:
    """The case has no tree, and why. The run goes on without it. False as in :func:`commit_tree`."""
    with transaction.atomic():
        if not _touch(chunk):
            return False
        RunCase.objects.filter(pk=row.pk).update(error_message=message[:400])
        return _count(chunk.run, {"failed_count": F("failed_count") + 1}, seconds)


def finish_chunk(*, chunk: RunChunk) -> None:
    """The chunk is done; with its last chunk, so is the run."""
    with transaction.atomic():
        if end_work(work=chunk, state=State.SUCCEEDED):
            conclude_run(chunk.run)


def let_go(*, chunk: RunChunk) -> None:
    """Give the chunk back: its run was paused (it waits) or ended (it is cancelled), or this worker is going away."""
    with transaction.atomic():
        if not held(chunk).select_for_update().exists():
            return
        state = DistillationRun.objects.values_list("state", flat=True).get(pk=chunk.run_id)
        if state in (*ACTIVE, RunState.PAUSED):
            held(chunk).update(state=State.QUEUED, lease_expires_at=None, tries=0)
            if state in ACTIVE:
                put_before_workers(RunChunk, [chunk.pk])
        else:
            end_work(work=chunk, state=State.CANCELLED)


def fail_run(*, chunk: RunChunk, message: str) -> None:
    """Nothing of this run can be grown here, nor by trying again."""
    with transaction.atomic():
        if not held(chunk).select_for_update().exists():
            return
        RunChunk.objects.filter(run=chunk.run_id, state=State.QUEUED).update(
            state=State.CANCELLED, finished_at=Now(), lease_expires_at=None
        )
        end_work(work=chunk, state=State.FAILED, error=message)
        failed = {"state": RunState.FAILED, "finished_at": Now(), "error_message": message[:400]}
        DistillationRun.objects.filter(pk=chunk.run_id, state__in=ACTIVE).update(**failed)
        announce_run(chunk.run)


def conclude_run(run: DistillationRun) -> None:
    """End the run if nothing of it is left to do. Inside a transaction that has locked the chunk."""
    run = DistillationRun.objects.select_for_update().get(pk=run.pk)
    if run.state not in ACTIVE or run.chunks.filter(state__in=(State.QUEUED, State.RUNNING)).exists():
        return
    run.state, run.error_message = (RunState.SUCCEEDED, "") if run.grown_count else (RunState.FAILED, ALL_FAILED)
    run.finished_at = Now()
    run.save(update_fields=["state", "error_message", "finished_at"])
    announce_run(run)


def _touch(chunk: RunChunk) -> bool:
    """Fence, and say that something came of this attempt."""
    return bool(held(chunk).update(lease_expires_at=lease(), tries=0))


def _count(run: DistillationRun, counts: dict[str, Any], seconds: float) -> bool:
    counts |= {"progressed_at": Now(), "seconds_worked": F("seconds_worked") + seconds}
    if not DistillationRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(**counts):
        transaction.set_rollback(True)
        return False
    announce_run(run, at_once=False)
    return True
