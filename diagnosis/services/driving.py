"""A person's own turn: the same nodes as a model's, written at once. The same key takes it once."""

from django.db import transaction
from django.utils import timezone

from diagnosis.models import GenerationJob, Session
from diagnosis.services.announcing import announce_session
from diagnosis.services.appending import append_turn, describe_turn, settle_session, stand_at
from diagnosis.services.comparing import queue_comparison
from diagnosis.services.errors import DiagnosisRequired, NotYourTurn, SessionEnded, StalePage
from diagnosis.services.locking import lock_session
from diagnosis.services.submitting import find_job, next_number
from medaction.domain.actions import FinalDiagnosis, Turn
from medaction.domain.canonical import content_hash
from medaction.domain.transcript import render_turn


def take_turn(*, session: Session, turn: Turn, parent_seq: int, idempotency_key: str) -> GenerationJob:
    """Commit the person's turn and what the environment answers; after a diagnosis, ask for the comparison.

    ``parent_seq`` is the node that the person had read to. Raises ``IdempotencyConflict``, ``NotYourTurn``,
    ``SessionEnded``, ``StalePage``, ``DiagnosisRequired``; then nothing was written and no turn is used up.
    Raises ``ValueError`` for a turn without an action.
    """
    request_hash = content_hash({"turn": turn.to_dict(), "after": parent_seq})
    text = render_turn(turn)
    with transaction.atomic():
        session = lock_session(session.pk)
        known = find_job(session.pk, idempotency_key, request_hash)
        if known is not None:
            return known
        _check(session, parent_seq)
        place = stand_at(session, parent_seq)
        if place.environment.must_diagnose and not isinstance(turn.action, FinalDiagnosis):
            raise DiagnosisRequired("This is the last turn: it can only be a diagnosis.")
        number = next_number(session)
        content = describe_turn(
            number=number, text=text, turn=turn, model=session.model_key, model_label=session.model_label
        )
        result, node_seq = append_turn(session, place, turn, content, sampled=False)
        settle_session(session, result)
        now = timezone.now()
        job = GenerationJob.objects.create(
            session=session,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            turn=number,
            parent_seq=parent_seq,
            node_seq=node_seq,
            state=GenerationJob.State.SUCCEEDED,
            started_at=now,
            finished_at=now,
        )
        if session.state == Session.State.TERMINATED:
            queue_comparison(session)
        announce_session(session)
        return job


def _check(session: Session, parent_seq: int) -> None:
    if session.mode != Session.Mode.DRIVE:
        raise NotYourTurn("In this walkthrough the model takes the turns.")
    if session.state != Session.State.ACTIVE:
        raise SessionEnded("This walkthrough has ended.")
    if session.leaf_seq != parent_seq:
        raise StalePage("The walkthrough went on after this page was shown.")
