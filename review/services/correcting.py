"""A turn as a reviewer would have taken it: opened, written, discarded. Running it is :mod:`review.services.rerunning`.

Only turns that were judged may be corrected. Each write names the revision that it was made from.
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from diagnosis.models import TrajectoryNode
from diagnosis.selectors.branch import TURN, get_branch
from diagnosis.services import cancel_job
from review.models import Correction, Reviewer, ReviewItem
from review.models.annotation import Pass
from review.rules import COMMENT_LIMIT, Gap
from review.rules.labels import clean_text
from review.selectors.corrections import OPEN, Standing, get_standing
from review.services.auditing import write_audit
from review.services.errors import CorrectionRefused, StaleCorrection

State = Correction.State
MOST_FIELDS = 40
NOT_JUDGED = "Label this turn first: a turn is corrected after it has been judged."
RETIRED = "This item was retired: {reason} Your correction is kept, but it cannot go on."
TRAINING = "This is a training item, and nothing is learned from it. Turns are corrected on real items."
WRITTEN = "This correction was run, so it stays as it is. Edit it again to write another."


def open_correction(*, reviewer: Reviewer, item: ReviewItem, turn_number: int) -> Correction:
    """This reviewer's open correction of a turn of the item, begun if there is none.

    Raises :class:`CorrectionRefused`.
    """
    standing = _require_judged(reviewer, item, turn_number)
    branch = get_branch(trajectory_id=item.trajectory_id, leaf_seq=item.leaf_seq)
    return _open(reviewer, item, standing, turn_number, seq=_seq_of(branch, turn_number), follows=None, written={})


def edit_again(*, reviewer: Reviewer, correction: Correction, turn_number: int) -> Correction:
    """Another correction: of the same turn, in the place of this one, or of a later turn of its re-run.

    Raises :class:`CorrectionRefused`.
    """
    if correction.state not in (State.RUNNING, State.READY, State.ACCEPTED):
        raise CorrectionRefused("Only a correction that was run can be edited again.")
    standing = get_standing(reviewer=reviewer, item=correction.item)
    with transaction.atomic():
        if turn_number == correction.turn_number:
            if correction.state != State.ACCEPTED:
                discard_correction(reviewer=reviewer, correction=correction)
            seq, follows, written = correction.turn_seq, correction.follows, correction.written
        else:
            session = correction.trajectory.session
            branch = get_branch(trajectory_id=correction.trajectory_id, leaf_seq=session.leaf_seq)
            seq, follows, written = _seq_of(branch, turn_number), correction, {}
            if turn_number < correction.turn_number:
                raise CorrectionRefused("Earlier turns are corrected where they were judged.")
        return _open(reviewer, correction.item, standing, turn_number, seq=seq, follows=follows, written=written)


def save_correction(
    *, reviewer: Reviewer, correction: Correction, revision: int, written: Mapping[str, str], reason: str
) -> Correction:
    """Keep what is written, whether it makes a turn yet or not. The same again changes nothing, whatever the revision.

    Raises :class:`StaleCorrection`, :class:`CorrectionRefused`.
    """
    cleaned = {name: clean_text(text) for name, text in written.items()}
    reason = clean_text(reason)
    check_sizes({**cleaned, "reason": reason})
    with transaction.atomic():
        kept = lock_correction(reviewer, correction)
        if kept.state != State.DRAFT:
            raise CorrectionRefused(WRITTEN)
        if (kept.written, kept.reason) == (cleaned, reason):
            return kept
        if kept.revision != revision:
            raise StaleCorrection(kept)
        standing = get_standing(reviewer=reviewer, item=kept.item)
        kept.written, kept.reason, kept.revision = cleaned, reason, kept.revision + 1
        kept.stage, kept.touched_at = _stage_of(standing), timezone.now()
        kept.save(update_fields=["written", "reason", "revision", "stage", "touched_at"])
    return kept


def discard_correction(*, reviewer: Reviewer, correction: Correction) -> None:
    """Kept as it was, and nothing is learned from it; a model that still goes on is stopped."""
    if correction.trajectory_id is not None:
        live = correction.trajectory.session.jobs.filter(state__in=("QUEUED", "RUNNING")).first()
        if live is not None:
            cancel_job(job=live)
    with transaction.atomic():
        kept = lock_correction(reviewer, correction)
        if kept.state == State.DISCARDED:
            return
        if kept.state == State.ACCEPTED:
            raise CorrectionRefused("This correction was accepted already and stays.")
        kept.state, kept.touched_at = State.DISCARDED, timezone.now()
        kept.save(update_fields=["state", "touched_at"])
        write_audit(by=reviewer.user, verb="discard_correction", subject=kept, item=str(kept.item_id))


def lock_correction(reviewer: Reviewer, correction: Correction) -> Correction:
    """Inside a transaction."""
    corrections = Correction.objects.select_for_update(of=("self",)).select_related("item", "follows")
    return corrections.get(pk=correction.pk, reviewer=reviewer)


def check_sizes(written: Mapping[str, str]) -> None:
    """Raises :class:`CorrectionRefused`, with a gap for each text that is too long."""
    if len(written) > MOST_FIELDS:
        raise CorrectionRefused("The form was not complete. Reload the page and send it again.")
    gaps = [
        Gap(
            name,
            f"This text has {len(text):,} characters; at most {COMMENT_LIMIT:,} fit. Shorten it. Nothing was lost: "
            "it is still in the box, and it is saved as soon as it fits.",
        )
        for name, text in written.items()
        if len(text) > COMMENT_LIMIT
    ]
    if gaps:
        raise CorrectionRefused(" ".join(gap.sentence for gap in gaps), gaps)


def check_item(item: ReviewItem) -> None:
    """Raises :class:`CorrectionRefused` for one that was retired."""
    if item.state == ReviewItem.State.RETIRED:
        raise CorrectionRefused(RETIRED.format(reason=item.retired_reason))


def _require_judged(reviewer: Reviewer, item: ReviewItem, turn_number: int) -> Standing:
    if item.kind == ReviewItem.Kind.TRAINING:
        raise CorrectionRefused(TRAINING)
    standing = get_standing(reviewer=reviewer, item=item)
    if standing is None or turn_number not in standing.judged:
        raise CorrectionRefused(NOT_JUDGED)
    check_item(item)
    return standing


def _open(
    reviewer: Reviewer, item: ReviewItem, standing: Standing | None, turn_number: int, **values: Any
) -> Correction:
    place = {"reviewer": reviewer, "item": item, "turn_number": turn_number, "follows": values["follows"]}
    found = Correction.objects.filter(**place, state__in=OPEN).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Correction.objects.create(
                **place,
                turn_seq=values["seq"],
                written=values["written"],
                stage=_stage_of(standing),
                touched_at=timezone.now(),
            )
    except IntegrityError:
        # Pressed twice: the other press has begun it.
        return Correction.objects.get(**place, state__in=OPEN)


def _stage_of(standing: Standing | None) -> str:
    return Pass.FIRST if standing is not None and standing.blind else Pass.SECOND


def _seq_of(branch: list[TrajectoryNode], turn_number: int) -> int:
    for node in branch:
        if node.kind == TURN and node.content["number"] == turn_number:
            return node.seq
    raise CorrectionRefused("There is no such turn.")
