"""Re-running from a corrected turn: the case answers it, the model goes on, the reviewer takes it or not.

The walkthrough belongs to the reviewer and is like any other: streamed, stopped, retried, and seen to by the sweeper
when a worker is lost. Locks: the correction is never waited for while a session is held, except by the trigger that
ends a re-run; so no session is locked here while a correction is.
"""

from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from diagnosis.models import GenerationJob, Session
from diagnosis.selectors.branch import get_branch
from diagnosis.selectors.chat_models import UnknownChatModelError
from diagnosis.services import ServiceError as WalkthroughRefused
from diagnosis.services import cancel_job, retry_turn, start_continuation
from diagnosis.services.planning import load_case, replay
from medaction.domain.actions import Turn
from medaction.domain.transcript import render_turn
from review.models import Correction, Reviewer
from review.rules import Gap, find_correction_gaps
from review.selectors.corrections import Standing, get_source_id, get_standing
from review.services.auditing import write_audit
from review.services.correcting import check_item, lock_correction
from review.services.errors import CorrectionRefused, StaleCorrection

State = Correction.State
LIVE = (GenerationJob.State.QUEUED, GenerationJob.State.RUNNING)
STILL_BLIND = "The model goes on from here once your judgement without the truth is stored. The correction is kept."


def run_correction(
    *, reviewer: Reviewer, correction: Correction, revision: int, turn: Turn, reason: str, model_key: str
) -> Correction:
    """DRAFT → RUNNING, or READY after a diagnosis: in a trajectory of its own, the original untouched.

    Running it again gives the one that runs. Raises :class:`StaleCorrection`, :class:`CorrectionRefused`; then nothing
    was written.
    """
    with transaction.atomic():
        kept = lock_correction(reviewer, correction)
        if kept.state in (State.RUNNING, State.READY):
            return kept
        if kept.state != State.DRAFT:
            raise CorrectionRefused(f"This correction was {kept.get_state_display().lower()} already.")
        if kept.revision != revision:
            raise StaleCorrection(kept)
        check_item(kept.item)
        if _standing(reviewer, kept).blind:
            raise CorrectionRefused(STILL_BLIND)
        _check_turn(kept, turn, reason)
        session = _start(kept, turn, model_key)
        kept.turn, kept.text, kept.reason = turn.to_dict(), render_turn(turn), reason.strip()
        kept.trajectory, kept.run_at = session.trajectory, timezone.now()
        ended = session.state != Session.State.ACTIVE
        kept.state, kept.leaf_seq = (State.READY, session.leaf_seq) if ended else (State.RUNNING, None)
        kept.revision, kept.touched_at = kept.revision + 1, kept.run_at
        kept.save()
        write_audit(
            by=reviewer.user,
            verb="run_correction",
            subject=kept,
            item=str(kept.item_id),
            turn=kept.turn_number,
            trajectory=str(kept.trajectory_id),
            model=session.model_key,
        )
    return kept


def stop_rerun(*, correction: Correction) -> None:
    """Stop the model; what it has said so far stays. Nothing happens when it is not writing."""
    live = _newest(correction)
    if live is not None and live.state in LIVE:
        cancel_job(job=live)


def retry_rerun(*, correction: Correction) -> None:
    """Ask again for the turn that failed or was stopped. Raises :class:`CorrectionRefused`."""
    newest = _newest(correction)
    if newest is None or correction.state != State.RUNNING:
        raise CorrectionRefused("There is no turn to ask for again.")
    if newest.state in LIVE:
        return
    check_item(correction.item)
    try:
        retry_turn(job=newest, idempotency_key=str(uuid4()))
    except WalkthroughRefused as refusal:
        raise CorrectionRefused(str(refusal)) from refusal


def accept_correction(*, reviewer: Reviewer, correction: Correction) -> Correction:
    """The correction and what the model made of it become training data, in one step: the way on to learn from, the two
    turns as a pair, and the step labels (:func:`review.selectors.corrections.list_accepted_corrections`).

    A re-run that was stopped counts as far as it went. Accepting again changes nothing. Raises
    :class:`CorrectionRefused`.
    """
    newest = _newest(correction)
    with transaction.atomic():
        kept = lock_correction(reviewer, correction)
        if kept.state == State.ACCEPTED:
            return kept
        if kept.state not in (State.RUNNING, State.READY):
            raise CorrectionRefused("Run the correction first; then accept what comes of it.")
        if kept.state == State.RUNNING and newest is not None and newest.state in LIVE:
            raise CorrectionRefused("The model is still going on. Wait until it has ended, or stop it.")
        check_item(kept.item)
        kept.labels = _labels(kept, _standing(reviewer, kept))
        kept.leaf_seq = kept.leaf_seq or kept.trajectory.session.leaf_seq
        kept.state, kept.accepted_at = State.ACCEPTED, timezone.now()
        kept.touched_at = kept.accepted_at
        kept.save(update_fields=["labels", "leaf_seq", "state", "accepted_at", "touched_at"])
        write_audit(
            by=reviewer.user,
            verb="accept_correction",
            subject=kept,
            item=str(kept.item_id),
            turn=kept.turn_number,
            trajectory=str(kept.trajectory_id),
            leaf=kept.leaf_seq,
        )
    return kept


def _standing(reviewer: Reviewer, correction: Correction) -> Standing:
    standing = get_standing(reviewer=reviewer, item=correction.item)
    if standing is None:
        raise CorrectionRefused("You do not have this item any more. The correction is kept.")
    return standing


def _check_turn(correction: Correction, turn: Turn, reason: str) -> None:
    source = get_source_id(correction)
    *before, replaced = get_branch(trajectory_id=source, leaf_seq=correction.turn_seq)
    trajectory = correction.follows.trajectory if correction.follows_id else correction.item.trajectory
    environment = replay(load_case(trajectory.case_id), trajectory.settings["environment"], before)
    original = Turn.from_dict(replaced.content["turn"])
    gaps = find_correction_gaps(turn, original, must_diagnose=environment.must_diagnose)
    if not reason.strip():
        gaps.append(Gap("reason", "Say why you correct this turn: a reason is required."))
    if gaps:
        raise CorrectionRefused(" ".join(gap.sentence for gap in gaps), gaps)


def _start(correction: Correction, turn: Turn, model_key: str) -> Session:
    source = correction.follows.trajectory if correction.follows_id else correction.item.trajectory
    try:
        return start_continuation(
            owner=correction.reviewer.user,
            source=source,
            turn_seq=correction.turn_seq,
            turn=turn,
            model_key=model_key,
            idempotency_key=f"correction-{correction.pk}",
        )
    except UnknownChatModelError as error:
        reason = f"{error.args[0]} Choose another model to go on. Your correction is kept."
        raise CorrectionRefused(reason, [Gap("model", reason)]) from error
    except WalkthroughRefused as refusal:
        raise CorrectionRefused(str(refusal)) from refusal


def _newest(correction: Correction) -> GenerationJob | None:
    """The latest job of the re-run; None when there is none, as after a diagnosis."""
    if correction.trajectory_id is None:
        return None
    jobs = GenerationJob.objects.filter(session__trajectory=correction.trajectory_id)
    return jobs.order_by("-queued_at", "-pk").first()


def _labels(correction: Correction, standing: Standing) -> dict[str, object]:
    """The reviewer's own for the turns before, +1 for the corrected one. Raises :class:`CorrectionRefused`."""
    rejected = None
    if correction.follows_id is None:
        rejected = standing.labels.of(correction.turn_number).label
        if rejected is None:
            raise CorrectionRefused(
                "Label the original turn before you accept: the correction is to be the better one."
            )
        if rejected == 1:
            raise CorrectionRefused(
                "You labelled the original turn good. Label it neutral or wrong, or discard the correction."
            )
    return {"steps": _steps(correction, standing), "rejected": rejected}


def _steps(correction: Correction, standing: Standing) -> dict[str, int]:
    """What is known of the turns up to a corrected one."""
    number = correction.turn_number
    if correction.follows_id:
        before = _steps(correction.follows, standing)
    else:
        labelled = standing.labels.turns.items()
        before = {str(each): turn.label for each, turn in labelled if each < number and turn.label is not None}
    return {**before, str(number): 1}
