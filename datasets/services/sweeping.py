"""Recovery. Whatever died, work ends or is done again: this, not the broker's redelivery, is what guarantees it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from datasets.models import (
    BenchmarkChunk,
    CaseImport,
    DatasetVersion,
    Export,
    GraphUpdate,
    HumanStanding,
    RunChunk,
    Work,
)
from datasets.services.announcing import announce_export, announce_import, announce_run, announce_version
from datasets.services.chunks import ACTIVE, RunState
from datasets.services.working import State, put_before_workers

BATCH = 500
WORKER_LOST = "The program that worked on it stopped {tries} times. Its log says more; then try again."


def sweep_imports() -> int:
    """Imports whose worker died, or whose message was lost. How many were seen to."""
    return _sweep_whole(CaseImport, announce_import)


def sweep_versions() -> int:
    """The same of versions and exports."""
    return _sweep_whole(DatasetVersion, announce_version) + _sweep_whole(Export, announce_export)


def sweep_runs() -> int:
    """Chunks whose worker died, and runs whose messages were lost; people's standings too. How many were seen to."""
    return _sweep_chunks(RunChunk) + _sweep_chunks(BenchmarkChunk) + _sweep_whole(HumanStanding, lambda _: None)


def sweep_updates() -> int:
    """Updates of the site's graph, of which what is done stays done. How many were seen to."""
    return _sweep_whole(GraphUpdate, lambda _: None)


def _sweep_chunks(model: type[RunChunk] | type[BenchmarkChunk]) -> int:
    lost = list_lost(model)
    for chunk_id in lost:
        with transaction.atomic():
            chunk = lock_lost(model, chunk_id)
            if chunk is not None:
                _recover(chunk)
    # While a run has a chunk that is worked on, the messages of its others stand behind that: nothing was lost.
    worked_on = model.objects.filter(run=OuterRef("run"), state=State.RUNNING)
    return len(lost) + redispatch(model, Q(run__state__in=ACTIVE) & ~Exists(worked_on))


def _sweep_whole(model: type[Work], announce: Callable[[Any], None]) -> int:
    """Work that is done as a whole or not at all."""
    lost = list_lost(model)
    for work_id in lost:
        with transaction.atomic():
            work = lock_lost(model, work_id)
            if work is not None:
                requeue_or_fail(work)
                announce(work)
    return len(lost) + redispatch(model, Q())


def _recover(chunk: RunChunk | BenchmarkChunk) -> None:
    run = chunk.run
    if run.state in (*ACTIVE, RunState.PAUSED):
        if chunk.tries >= settings.DATASETS["MAX_ATTEMPTS"]:
            _give_up_piece(chunk)
        chunk.state, chunk.lease_expires_at = State.QUEUED, None
        chunk.save(update_fields=["state", "lease_expires_at", "tries"])
        if run.state in ACTIVE:
            put_before_workers(type(chunk), [chunk.pk])
    else:
        chunk.state, chunk.lease_expires_at, chunk.finished_at = State.CANCELLED, None, Now()
        chunk.save(update_fields=["state", "lease_expires_at", "finished_at"])


def _give_up_piece(chunk: RunChunk | BenchmarkChunk) -> None:
    """They are worked on in their order, so the first that is undone is the one at which the workers died."""
    row = chunk.pieces.filter(trajectory__isnull=True, error_message="").order_by("position").first()
    if row is not None:
        row.error_message = WORKER_LOST.format(tries=chunk.tries)
        row.save(update_fields=["error_message"])
        counts = {"failed_count": F("failed_count") + 1, "progressed_at": Now()}
        type(chunk.run).objects.filter(pk=chunk.run_id).update(**counts)
        announce_run(chunk.run)
    chunk.tries = 0


def list_lost(model: type[Work]) -> list[UUID]:
    lost = model.objects.filter(state=State.RUNNING, lease_expires_at__lt=Now())
    return list(lost.order_by("lease_expires_at").values_list("pk", flat=True)[:BATCH])


def lock_lost(model: type[Work], work_id: UUID) -> Work | None:
    """None when somebody else has seen to it."""
    rows = model.objects.select_for_update(skip_locked=True, of=("self",))
    return rows.filter(pk=work_id, state=State.RUNNING, lease_expires_at__lt=Now()).first()


def requeue_or_fail(work: Work) -> None:
    """RUNNING → QUEUED, or FAILED after too many tries from which nothing came."""
    work.lease_expires_at = None
    if work.tries < settings.DATASETS["MAX_ATTEMPTS"]:
        work.state = State.QUEUED
        work.save(update_fields=["state", "lease_expires_at"])
        put_before_workers(type(work), [work.pk])
    else:
        work.state, work.finished_at = State.FAILED, Now()
        work.error_message = WORKER_LOST.format(tries=work.tries)
        work.save(update_fields=["state", "lease_expires_at", "finished_at", "error_message"])


def redispatch(model: type[Work], condition: Q) -> int:
    """Send waiting work again that nobody took for a while. A second message for what is already taken does nothing."""
    patience = timedelta(seconds=settings.DATASETS["STALE_SECONDS"])
    forgotten = Q(dispatched_at__lt=Now() - patience) | Q(dispatched_at__isnull=True, queued_at__lt=Now() - patience)
    with transaction.atomic():
        waiting = model.objects.select_for_update(skip_locked=True, of=("self",)).filter(state=State.QUEUED)
        ids = list(waiting.filter(condition).filter(forgotten).values_list("pk", flat=True)[:BATCH])
        put_before_workers(model, ids)
    return len(ids)
