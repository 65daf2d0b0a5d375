"""Ending a job. Each of these is fenced: an attempt that no longer holds the job changes nothing."""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from diagnosis.models import GenerationJob, Session
from diagnosis.services.announcing import announce_end
from diagnosis.services.appending import append_turn, describe_turn, settle_session, stand_at
from diagnosis.services.locking import lock_attempt
from diagnosis.services.submitting import queue_turn
from medaction.domain.actions import Turn
from medaction.domain.canonical import content_hash
from medaction.domain.environment import StepResult
from medaction.inference.port import Usage

State = GenerationJob.State


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said in one turn. ``rejected_text`` is the first answer when it had to be asked again.

    Times are in milliseconds from the start of the attempt.
    """

    text: str
    turn: Turn
    rejected_text: str | None
    finish_reason: str | None
    usage: Usage
    first_token_ms: int | None
    total_ms: int


def finish_job(*, job_id: UUID, attempt: int, answer: Answer) -> GenerationJob | None:
    """Commit the turn, let the environment answer it, and queue the next one: all or nothing.

    A wish to stop that came before is granted: the text is kept as partial text. None: another attempt holds the job.
    """
    with transaction.atomic():
        held = lock_attempt(job_id, attempt)
        if held is None:
            return None
        job, session = held
        if job.cancel_requested_at is not None:
            return _stop(job, session, answer.text)
        result, job.node_seq = _append_answer(job, session, answer)
        job.state, job.finished_at, job.lease_expires_at = State.SUCCEEDED, timezone.now(), None
        job.partial_text = ""
        job.save(update_fields=["state", "finished_at", "lease_expires_at", "node_seq", "partial_text"])
        following = _go_on(job, session, result)
        announce_end(job, session, attempt=attempt, next_job=following)
        return job


def fail_job(*, job_id: UUID, attempt: int, code: str, message: str, partial_text: str = "") -> GenerationJob | None:
    """FAILED with a code and one plain sentence; what had been said is kept."""
    with transaction.atomic():
        held = lock_attempt(job_id, attempt)
        if held is None:
            return None
        job, session = held
        if job.cancel_requested_at is not None:
            return _stop(job, session, partial_text)
        return _conclude(job, session, State.FAILED, code=code, message=message, partial_text=partial_text)


def stop_job(*, job_id: UUID, attempt: int, partial_text: str) -> GenerationJob | None:
    """CANCELLED, because someone pressed Stop; what had been said is kept."""
    with transaction.atomic():
        held = lock_attempt(job_id, attempt)
        if held is None:
            return None
        job, session = held
        return _stop(job, session, partial_text)


def _stop(job: GenerationJob, session: Session, partial_text: str) -> GenerationJob:
    """Why it was stopped stands with the wish to stop."""
    return _conclude(job, session, State.CANCELLED, message=job.error_message, partial_text=partial_text)


def _conclude(
    job: GenerationJob, session: Session, state: str, *, partial_text: str, code: str = "", message: str = ""
) -> GenerationJob:
    job.state, job.finished_at, job.lease_expires_at = state, timezone.now(), None
    job.partial_text, job.error_code, job.error_message = partial_text, code, message[:400]
    job.save(update_fields=["state", "finished_at", "lease_expires_at", "partial_text", "error_code", "error_message"])
    announce_end(job, session, attempt=job.attempt)
    return job


def _append_answer(job: GenerationJob, session: Session, answer: Answer) -> tuple[StepResult, int]:
    content = describe_turn(
        number=job.turn,
        text=answer.text,
        turn=answer.turn,
        model=session.model_key,
        model_label=session.model_label,
        rejected_text=answer.rejected_text,
        finish_reason=answer.finish_reason,
        usage=asdict(answer.usage),
        timings={"first_token_ms": answer.first_token_ms, "total_ms": answer.total_ms},
        attempt=job.attempt,
    )
    return append_turn(session, stand_at(session, job.parent_seq), answer.turn, content, sampled=True)


def _go_on(job: GenerationJob, session: Session, result: StepResult) -> UUID | None:
    """End the walkthrough, or queue the next turn. Returns the next job."""
    settle_session(session, result)
    if session.state != Session.State.ACTIVE:
        return None
    request_hash = content_hash({"follow": str(job.pk)})
    key = f"follow-{job.pk}"
    return queue_turn(session=session, idempotency_key=key, request_hash=request_hash, number=job.turn + 1).pk
