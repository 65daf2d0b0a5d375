"""Every change of a walkthrough happens under the lock of its session row, taken before that of its job."""

from uuid import UUID

from diagnosis.models import GenerationJob, Session


def lock_session(session_id: UUID) -> Session:
    """Inside a transaction. Raises ``Session.DoesNotExist``."""
    return Session.objects.select_for_update(of=("self",)).select_related("trajectory").get(pk=session_id)


def lock_attempt(job_id: UUID, attempt: int) -> tuple[GenerationJob, Session] | None:
    """The job and its session, if this attempt still holds the job. None: it was taken over, or someone ended it."""
    sessions = Session.objects.select_for_update(of=("self",)).select_related("trajectory").filter(jobs__pk=job_id)
    session = sessions.first()
    if session is None:
        return None
    held = GenerationJob.objects.select_for_update().filter(
        pk=job_id, attempt=attempt, state=GenerationJob.State.RUNNING
    )
    job = held.first()
    return (job, session) if job is not None else None
