"""Asking for a turn. The same key asks once, however often and however many at a time."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from diagnosis.models import GenerationJob, Session, TrajectoryNode
from diagnosis.selectors.chat_models import get_switched_off
from diagnosis.services.announcing import announce_queued
from diagnosis.services.errors import (
    IdempotencyConflict,
    JobNotRetryable,
    ModelSwitchedOff,
    NotYourTurn,
    SessionBusy,
    SessionEnded,
)
from diagnosis.services.locking import lock_session
from medaction.domain.canonical import content_hash

State = GenerationJob.State
LIVE = (State.QUEUED, State.RUNNING)
FIRST_TURN = 2


def submit_turn(*, session: Session, idempotency_key: str, request: dict[str, Any]) -> GenerationJob:
    """Queue the next turn. ``request`` is whatever was asked; the same key with another request is refused.

    Raises ``IdempotencyConflict``, ``ModelSwitchedOff``, ``NotYourTurn``, ``SessionBusy``, ``SessionEnded``.
    """
    return _submit(session.pk, idempotency_key, {"submit": request}, allow=lambda newest: None)


def retry_turn(*, job: GenerationJob, idempotency_key: str) -> GenerationJob:
    """Ask again for a turn that failed or was stopped: a new job at the same place.

    Raises ``JobNotRetryable``, ``IdempotencyConflict``, ``ModelSwitchedOff``, ``SessionBusy``, ``SessionEnded``.
    """

    def allow(newest: GenerationJob | None) -> None:
        if newest is None or newest.pk != job.pk or newest.state not in (State.FAILED, State.CANCELLED):
            raise JobNotRetryable("Only the newest turn can be tried again, after it failed or was stopped.")

    return _submit(job.session_id, idempotency_key, {"retry": str(job.pk)}, allow=allow)


def queue_turn(*, session: Session, idempotency_key: str, request_hash: str, number: int) -> GenerationJob:
    """Create the job and announce it. The caller holds the session's lock and has checked that it may."""
    job = GenerationJob.objects.create(
        session=session,
        idempotency_key=idempotency_key,
        request_hash=request_hash,
        turn=number,
        parent_seq=session.leaf_seq,
        dispatched_at=timezone.now(),
    )
    announce_queued(job, session)
    return job


def _submit(
    session_id: UUID, key: str, request: dict[str, Any], *, allow: Callable[[GenerationJob | None], None]
) -> GenerationJob:
    request_hash = content_hash(request)
    try:
        with transaction.atomic():
            session = lock_session(session_id)
            known = find_job(session_id, key, request_hash)
            if known is not None:
                return known
            if session.mode != Session.Mode.WATCH:
                raise NotYourTurn("In this walkthrough the person takes the turns.")
            if session.state != Session.State.ACTIVE:
                raise SessionEnded("This walkthrough has ended.")
            newest = GenerationJob.objects.filter(session=session).order_by("-queued_at").first()
            if newest is not None and newest.state in LIVE:
                raise SessionBusy("The model is already answering.")
            allow(newest)
            switched_off = get_switched_off(session.model_key)
            if switched_off:
                raise ModelSwitchedOff(switched_off)
            return queue_turn(
                session=session, idempotency_key=key, request_hash=request_hash, number=next_number(session)
            )
    except IntegrityError:
        # The constraints have the last word, should anything ever write without the lock.
        known = find_job(session_id, key, request_hash)
        if known is None:
            raise SessionBusy("The model is already answering.") from None
        return known


def find_job(session_id: UUID, key: str, request_hash: str) -> GenerationJob | None:
    """The job that this key already made. Raises ``IdempotencyConflict`` when it was for another request."""
    job = GenerationJob.objects.filter(session_id=session_id, idempotency_key=key).first()
    if job is not None and job.request_hash != request_hash:
        raise IdempotencyConflict("This key was already used for another request.")
    return job


def next_number(session: Session) -> int:
    """The number of the turn that follows the session's leaf."""
    turns = TrajectoryNode.objects.filter(
        trajectory_id=session.trajectory_id, kind=TrajectoryNode.Kind.TURN, seq__lte=session.leaf_seq
    )
    return FIRST_TURN + turns.count()
