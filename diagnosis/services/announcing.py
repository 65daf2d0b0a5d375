"""What the world hears after commit. Every failure here is only logged: PostgreSQL already holds the truth."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction

from diagnosis.dispatch import dispatch_job
from diagnosis.models import GenerationJob, Session
from diagnosis.streaming.doorbell import ring_queue, ring_session
from diagnosis.streaming.ending import append_end

State = GenerationJob.State


def announce_queued(job: GenerationJob, session: Session) -> None:
    transaction.on_commit(partial(dispatch_job, job.pk))
    announce_session(session)


def announce_session(session: Session) -> None:
    transaction.on_commit(partial(ring_session, settings.REDIS_URL, user_id=session.owner_id, session_id=session.pk))


def announce_started(session: Session) -> None:
    """A job has left the queue: those that wait behind it move up."""
    announce_session(session)
    if GenerationJob.objects.filter(state=State.QUEUED).exists():
        transaction.on_commit(partial(ring_queue, settings.REDIS_URL))


def announce_end(job: GenerationJob, session: Session, *, attempt: int, next_job: UUID | None = None) -> None:
    """``attempt`` is the one whose stream readers follow."""
    transaction.on_commit(
        partial(
            append_end,
            settings.REDIS_URL,
            job_id=job.pk,
            attempt=attempt,
            state=job.state,
            next_job=next_job,
            ttl_seconds=settings.DIAGNOSIS["STREAM_TTL_SECONDS"],
        )
    )
    announce_session(session)
