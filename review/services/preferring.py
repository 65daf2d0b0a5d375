"""Saying which of two is better. Saving comes first and is never refused for being late; an answer needs the claim.

Each write names the revision that it was made from; a stale one changes nothing (:class:`StaleDraft`).
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from review.models import Pair, PairDraft, PairReservation, PairSkip, Preference, Reviewer
from review.rules import PairAnswer, find_misfits, find_pair_gaps
from review.services.auditing import write_audit
from review.services.drafting import touch_draft
from review.services.errors import DraftRefused, Incomplete, ItemGone, StaleDraft
from review.services.holding import renew
from review.services.pair_claiming import reserve_pair

RETIRED = "This pair was retired: {reason} What you wrote is kept; it need not be handed in."
SKIPPED = "You skipped this pair, so it is for others to answer. What you wrote is kept."
TAKEN = "Your claim ran out and other reviewers took the pair. What you wrote is kept."
UNANSWERED = "Answer first: the truth is shown after that."


def save_pair_draft(*, reviewer: Reviewer, pair: Pair, revision: int, answer: PairAnswer) -> PairDraft:
    """Keep this. The same again changes nothing, whatever the revision.

    Raises :class:`StaleDraft`, :class:`DraftRefused`; ``PairDraft.DoesNotExist`` when they never had the pair.
    """
    with transaction.atomic():
        return _write(_lock(reviewer, pair), revision, answer)


def submit_preference(*, reviewer: Reviewer, pair: Pair, revision: int, answer: PairAnswer) -> Preference:
    """The answer counts; another one later is a further revision. Sent twice, it is stored once.

    Raises as :func:`save_pair_draft` does, :class:`Incomplete`, and :class:`ItemGone`; what was written stays.
    """
    saved = save_pair_draft(reviewer=reviewer, pair=pair, revision=revision, answer=answer)
    with transaction.atomic():
        # The reviewer first, as whoever claims takes its locks.
        locked = Reviewer.objects.select_for_update().get(pk=reviewer.pk)
        draft = _lock(locked, pair)
        if draft.revision != saved.revision:
            raise StaleDraft(draft)
        if gaps := find_pair_gaps(answer, draft.pair.rubric_version.read()):
            raise Incomplete(draft, gaps)
        before = latest_preference(reviewer=locked, pair=pair)
        if before is not None and _says(before) == answer:
            return before
        held = _hold(draft, answered=before is not None)
        if held is not None:
            held.delete()
        PairDraft.objects.filter(pk=draft.pk).update(answered=True)
        stored = Preference.objects.create(
            pair=pair,
            reviewer=locked,
            revision=before.revision + 1 if before else 1,
            supersedes=before,
            choice=answer.choice,
            left=draft.left,
            reasons=list(answer.reasons),
            comment=answer.comment,
            confidence=answer.confidence,
            drawn=draft.drawn,
            seconds=draft.seconds,
            truth_shown_at=before.truth_shown_at if before else None,
            created_at=timezone.now(),
        )
        write_audit(by=reviewer.user, verb="prefer", subject=pair, revision=stored.revision)
    return stored


def show_pair_life(*, reviewer: Reviewer, pair: Pair) -> PairReservation | None:
    """The claim lasts longer, and the time counts. None when this reviewer does not have the pair (any more)."""
    with transaction.atomic():
        held = PairReservation.objects.select_for_update().filter(reviewer=reviewer, pair=pair).first()
        if held is None:
            return None
        draft = _lock(reviewer, pair)
        touch_draft(draft)
        draft.save(update_fields=["seconds", "touched_at"])
        return renew(held)


def show_truth(*, reviewer: Reviewer, pair: Pair) -> Preference:
    """From now on what they say of this pair is said in hindsight. Raises :class:`DraftRefused` before an answer."""
    with transaction.atomic():
        Reviewer.objects.select_for_update().get(pk=reviewer.pk)
        preference = latest_preference(reviewer=reviewer, pair=pair)
        if preference is None:
            raise DraftRefused(UNANSWERED)
        if preference.truth_shown_at is None:
            preference.truth_shown_at = timezone.now()
            preference.save(update_fields=["truth_shown_at"])
            write_audit(by=reviewer.user, verb="show_truth", subject=pair)
    return preference


def latest_preference(*, reviewer: Reviewer, pair: Pair) -> Preference | None:
    return Preference.objects.filter(reviewer=reviewer, pair=pair, superseded_by__isnull=True).first()


def _lock(reviewer: Reviewer, pair: Pair) -> PairDraft:
    drafts = PairDraft.objects.select_for_update(of=("self",)).select_related("pair__rubric_version", "reviewer")
    return drafts.get(reviewer=reviewer, pair=pair)


def _write(draft: PairDraft, revision: int, answer: PairAnswer) -> PairDraft:
    if not draft.answered:
        touch_draft(draft)
    if PairAnswer.model_validate(draft.answer) != answer:
        if draft.revision != revision:
            raise StaleDraft(draft)
        if misfits := find_misfits(answer, draft.pair.rubric_version.read()):
            raise DraftRefused(" ".join(gap.sentence for gap in misfits))
        draft.answer = answer.to_dict()
        draft.revision += 1
    draft.save()
    return draft


def _says(preference: Preference) -> PairAnswer:
    names: tuple[Any, ...] = ("choice", "reasons", "comment", "confidence")
    return PairAnswer.model_validate({name: getattr(preference, name) for name in names})


def _hold(draft: PairDraft, *, answered: bool) -> PairReservation | None:
    """Their claim, taken anew where it ran out and a place is left; None for a change of mind, which needs none.

    The caller holds the reviewer's lock. Raises :class:`ItemGone`.
    """
    held = PairReservation.objects.select_for_update().filter(reviewer=draft.reviewer_id).first()
    pair = Pair.objects.select_for_update().get(pk=draft.pair_id)
    if pair.state == Pair.State.RETIRED:
        raise ItemGone(RETIRED.format(reason=pair.retired_reason))
    if answered:
        return None
    if held is not None and held.pair_id == pair.pk:
        return held
    if PairSkip.objects.filter(pair=pair, reviewer=draft.reviewer_id).exists():
        raise ItemGone(SKIPPED)
    if pair.state != Pair.State.OPEN or pair.free_slots == 0:
        raise ItemGone(TAKEN)
    if held is not None:
        # They took another pair meanwhile; one at a time, so that one goes back to the queue.
        held.delete()
    return reserve_pair(draft.reviewer, pair, draft.drawn)
