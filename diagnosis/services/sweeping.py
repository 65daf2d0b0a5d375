"""Recovery. Whatever died, a job ends or runs again: this, not the broker's redelivery, is what guarantees it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from diagnosis.dispatch import dispatch_job
from diagnosis.models import GenerationJob
from diagnosis.services.announcing import announce_end, announce_queued
from diagnosis.services.locking import lock_session

State = GenerationJob.State
WORKER_LOST = "WORKER_LOST"
BATCH = 500


@dataclass(frozen=True, slots=True)
class SweepReport:
    """How many jobs went back to the queue, failed, were stopped, and were put before the workers again."""

    requeued: int = 0
    failed: int = 0
    cancelled: int = 0
    redispatched: int = 0


def sweep_jobs() -> SweepReport:
    """Deal with leases that have run out and with waiting jobs that no worker took. Safe to run twice at once."""
    expired = Q(state=State.RUNNING, lease_expires_at__lt=Now())
    ended = [_each(job_id, _recover) for job_id in _list_ids(expired)]
    patience = timedelta(seconds=settings.DIAGNOSIS["QUEUED_STALE_SECONDS"])
    forgotten = Q(state=State.QUEUED) & (
        Q(dispatched_at__lt=Now() - patience) | Q(dispatched_at__isnull=True, queued_at__lt=Now() - patience)
    )
    again = _redispatch(forgotten)
    return SweepReport(
        requeued=ended.count(State.QUEUED),
        failed=ended.count(State.FAILED),
        cancelled=ended.count(State.CANCELLED),
        redispatched=again,
    )


def _list_ids(condition: Q) -> list[tuple[object, object]]:
    jobs = GenerationJob.objects.filter(condition).order_by("queued_at")
    return list(jobs.values_list("pk", "session_id")[:BATCH])


def _each(ids: tuple[object, object], change: Callable[[GenerationJob], str]) -> str | None:
    """Change one job under its session's lock. None when it had moved on meanwhile."""
    job_id, session_id = ids
    with transaction.atomic():
        session = lock_session(session_id)
        expired = GenerationJob.objects.select_for_update().filter(
            pk=job_id, state=State.RUNNING, lease_expires_at__lt=Now()
        )
        job = expired.first()
        if job is None:
            return None
        job.session = session
        return change(job)


def _recover(job: GenerationJob) -> str:
    attempt = job.attempt
    job.lease_expires_at = None
    fields = ["state", "lease_expires_at"]
    if job.cancel_requested_at is not None:
        job.state, job.finished_at = State.CANCELLED, timezone.now()
        fields += ["finished_at"]
        announce_end(job, job.session, attempt=attempt)
    elif attempt < settings.DIAGNOSIS["MAX_ATTEMPTS"]:
        job.state, job.dispatched_at = State.QUEUED, timezone.now()
        fields += ["dispatched_at"]
        announce_queued(job, job.session)
    else:
        job.state, job.finished_at, job.error_code = State.FAILED, timezone.now(), WORKER_LOST
        job.error_message = f"The program that writes the answers stopped {attempt} times during this turn."
        fields += ["finished_at", "error_code", "error_message"]
        announce_end(job, job.session, attempt=attempt)
    job.save(update_fields=fields)
    return job.state


def _redispatch(condition: Q) -> int:
    """Send waiting jobs to the workers again. A second message for a job that is already taken does nothing."""
    with transaction.atomic():
        jobs = GenerationJob.objects.select_for_update(skip_locked=True).filter(condition).order_by("queued_at")
        ids = list(jobs.values_list("pk", flat=True)[:BATCH])
        GenerationJob.objects.filter(pk__in=ids).update(dispatched_at=Now())
        for job_id in ids:
            transaction.on_commit(partial(dispatch_job, job_id))
    return len(ids)
