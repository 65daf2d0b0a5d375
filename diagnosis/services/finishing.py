"""Ending a job. Each of these is fenced: an attempt that no longer holds the job changes nothing."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from diagnosis.models import GenerationJob, Session
from diagnosis.selectors.branch import get_branch
from diagnosis.services.announcing import announce_end
from diagnosis.services.locking import lock_attempt
from diagnosis.services.nodes import append_node, next_seq
from diagnosis.services.planning import load_case, replay
from diagnosis.services.submitting import queue_turn
from medaction.domain.actions import Turn
from medaction.domain.canonical import content_hash
from medaction.domain.environment import StepResult
from medaction.domain.tree import NodeKind
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
    """Commit the turn, let the environment answer it, and in Watch mode queue the next one: all or nothing.

    A wish to stop that came before is granted: the text is kept as partial text. None: another attempt holds the job.
    """
    with transaction.atomic():
        held = lock_attempt(job_id, attempt)
        if held is None:
            return None
        job, session = held
        if job.cancel_requested_at is not None:
            return _conclude(job, session, State.CANCELLED, partial_text=answer.text)
        result, job.node_seq = _append_turn(job, session, answer)
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
            return _conclude(job, session, State.CANCELLED, partial_text=partial_text)
        return _conclude(job, session, State.FAILED, code=code, message=message, partial_text=partial_text)


def stop_job(*, job_id: UUID, attempt: int, partial_text: str) -> GenerationJob | None:
    """CANCELLED, because someone pressed Stop; what had been said is kept."""
    with transaction.atomic():
        held = lock_attempt(job_id, attempt)
        if held is None:
            return None
        job, session = held
        return _conclude(job, session, State.CANCELLED, partial_text=partial_text)


def _conclude(
    job: GenerationJob, session: Session, state: str, *, partial_text: str, code: str = "", message: str = ""
) -> GenerationJob:
    job.state, job.finished_at, job.lease_expires_at = state, timezone.now(), None
    job.partial_text, job.error_code, job.error_message = partial_text, code, message[:400]
    job.save(update_fields=["state", "finished_at", "lease_expires_at", "partial_text", "error_code", "error_message"])
    announce_end(job, session, attempt=job.attempt)
    return job


def _append_turn(job: GenerationJob, session: Session, answer: Answer) -> tuple[StepResult, int]:
    """Append the turn and what the environment says to it. Returns the step and the turn's node number."""
    trajectory = session.trajectory
    branch = get_branch(trajectory_id=trajectory.pk, leaf_seq=job.parent_seq)
    environment = replay(load_case(session.case_id), trajectory.settings["environment"], branch)
    result = environment.step(answer.turn.action if answer.turn.valid else None)
    seq = next_seq(trajectory)
    turn = append_node(trajectory, seq, branch[-1], NodeKind.TURN, _turn_content(job, session, answer), sampled=True)
    session.leaf_seq = turn.seq
    if not result.terminated:
        observed = append_node(
            trajectory, seq + 1, turn, NodeKind.OBSERVATION, result.observation.to_dict(), sampled=False
        )
        session.leaf_seq = observed.seq
    return result, turn.seq


def _turn_content(job: GenerationJob, session: Session, answer: Answer) -> dict[str, Any]:
    return {
        "number": job.turn,
        "text": answer.text,
        "turn": answer.turn.to_dict(),
        "problems": list(answer.turn.problems),
        "format_failure": not answer.turn.valid,
        "repaired": answer.rejected_text is not None,
        "rejected_text": answer.rejected_text,
        "model": session.model_key,
        "model_label": session.model_label,
        "finish_reason": answer.finish_reason,
        "usage": asdict(answer.usage),
        "timings": {"first_token_ms": answer.first_token_ms, "total_ms": answer.total_ms},
        "attempt": job.attempt,
    }


def _go_on(job: GenerationJob, session: Session, result: StepResult) -> UUID | None:
    """End the walkthrough, or in Watch mode queue the next turn. Returns the next job."""
    fields = ["leaf_seq"]
    if result.terminated or result.truncated:
        session.state = Session.State.TERMINATED if result.terminated else Session.State.TRUNCATED
        session.ended_at = timezone.now()
        fields += ["state", "ended_at"]
    session.save(update_fields=fields)
    if session.state != Session.State.ACTIVE or session.mode != Session.Mode.WATCH:
        return None
    request_hash = content_hash({"follow": str(job.pk)})
    key = f"follow-{job.pk}"
    return queue_turn(session=session, idempotency_key=key, request_hash=request_hash, number=job.turn + 1).pk
