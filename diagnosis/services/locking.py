"""Every change of a walkthrough happens under the lock of its session row, taken before that of its job."""

from uuid import UUID

from diagnosis.models import GenerationJob, Session


def lock_session(session_id: UUID) -> Session:
    """Inside a transaction. Raises ``Session.DoesNotExist``."""
    sessions = Session.objects.select_for_update(of=("self",)).select_related("trajectory", "case")
    return sessions.defer("case__payload", "case__search").get(pk=session_id)


def lock_attempt(job_id: UUID, attempt: int) -> tuple[GenerationJob, Session] | None:
    """The job and its session, if this attempt still holds the job. None: it was taken over, or someone ended it."""
    session_id = GenerationJob.objects.filter(pk=job_id).values_list("session_id", flat=True).first()
    if session_id is None:
        return None
    session = lock_session(session_id)
    job = (
        GenerationJob.objects.select_for_update()
        .filter(pk=job_id, attempt=attempt, state=GenerationJob.State.RUNNING)
        .first()
    )
    return (job, session) if job is not None else None
