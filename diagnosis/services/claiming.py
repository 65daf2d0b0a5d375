"""Taking a job, keeping it, giving it back. Attempt numbers only rise: they fence off a worker that was given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from diagnosis.models import GenerationJob
from diagnosis.services.announcing import announce_end, announce_queued, announce_started
from diagnosis.services.locking import lock_attempt

State = GenerationJob.State


@dataclass(frozen=True, slots=True)
class Claim:
    """A job held by this attempt until its lease runs out."""

    job: GenerationJob
    attempt: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What an attempt has so far. ``text`` None: unchanged since the last checkpoint."""

    job_id: UUID
    attempt: int
    text: str | None
    first_token_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """Attempts that still hold their job, and those of them that someone wants stopped."""

    job_ids: frozenset[UUID]
    cancelled: frozenset[UUID]


def claim_job(*, job_id: UUID | str, worker: str) -> Claim | None:
    """QUEUED → RUNNING, attempt + 1, with a lease. None when the job does not wait (any more): there is no work."""
    with transaction.atomic():
        claimed = GenerationJob.objects.filter(pk=job_id, state=State.QUEUED).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            worker=worker,
            lease_expires_at=_lease(),
            started_at=Now(),
            first_token_at=None,
            partial_text="",
        )
        if not claimed:
            return None
        job = GenerationJob.objects.select_related("session__trajectory").get(pk=job_id)
        announce_started(job.session)
        return Claim(job, job.attempt)


CHECKPOINT = """
UPDATE diagnosis_generationjob AS job
SET lease_expires_at = statement_timestamp() + %s,
    partial_text = coalesce(progress.text, job.partial_text),
    first_token_at = coalesce(job.first_token_at, progress.first_token_at)
FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::timestamptz[]) AS progress (id, attempt, text, first_token_at)
WHERE job.id = progress.id AND job.attempt = progress.attempt AND job.state = 'RUNNING'
RETURNING job.id, job.cancel_requested_at IS NOT NULL
"""


def checkpoint_jobs(*, progress: Sequence[Progress]) -> Held:
    """Renew the leases, store the partial texts and read the wishes to stop, in one statement for all jobs."""
    columns = [
        [entry.job_id for entry in progress],
        [entry.attempt for entry in progress],
        [entry.text for entry in progress],
        [entry.first_token_at for entry in progress],
    ]
    with connection.cursor() as cursor:
        cursor.execute(CHECKPOINT, [timedelta(seconds=settings.DIAGNOSIS["LEASE_SECONDS"]), *columns])
        rows = cursor.fetchall()
    return Held(
        job_ids=frozenset(job_id for job_id, _ in rows),
        cancelled=frozenset(job_id for job_id, cancelled in rows if cancelled),
    )


def release_job(*, job_id: UUID, attempt: int) -> GenerationJob | None:
    """RUNNING → QUEUED: the worker is going away. A job that was to be stopped is stopped. None: no longer held."""
    with transaction.atomic():
        held = lock_attempt(job_id, attempt)
        if held is None:
            return None
        job, session = held
        job.lease_expires_at = None
        if job.cancel_requested_at is not None:
            job.state, job.finished_at = State.CANCELLED, Now()
            job.save(update_fields=["state", "lease_expires_at", "finished_at"])
            announce_end(job, session, attempt=attempt)
        else:
            job.state, job.dispatched_at = State.QUEUED, Now()
            job.save(update_fields=["state", "lease_expires_at", "dispatched_at"])
            announce_queued(job, session)
        return job


def _lease() -> object:
    return Now() + timedelta(seconds=settings.DIAGNOSIS["LEASE_SECONDS"])
