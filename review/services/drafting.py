"""What a reviewer writes. Saving comes first and is never refused for being late; going on needs the claim.

Each write names the revision that it was made from; a stale one changes nothing (:class:`StaleDraft`).
"""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from review.models import Draft, PairDraft, Reservation, Reviewer, ReviewItem, Skip
from review.models.annotation import Pass
from review.rules import Labels, LabelsError, RubricContent, TrajectoryLabel, TurnLabel, read_labels
from review.services.claiming import beat_heart, reserve
from review.services.errors import DraftRefused, ItemGone, StaleDraft

Turns = Mapping[int, TurnLabel]
RETIRED = "This item was retired: {reason} What you wrote is kept in your drafts; it need not be handed in."
SKIPPED = "You skipped this item, so it is for others to judge. What you wrote is kept in your drafts."
TAKEN = "Your claim ran out and other reviewers took the item. What you wrote is kept in your drafts."


def save_draft(
    *, reviewer: Reviewer, item: ReviewItem, revision: int, turns: Turns, trajectory: TrajectoryLabel | None = None
) -> Draft:
    """Keep these labels. The same again changes nothing, whatever the revision.

    Raises :class:`StaleDraft`, :class:`DraftRefused`; ``Draft.DoesNotExist`` when this reviewer never had the item.
    """
    with transaction.atomic():
        draft = lock_draft(reviewer=reviewer, item=item)
        before = Labels.model_validate(draft.labels)
        after = _merge(draft, before, turns, trajectory)
        if after == before:
            touch_draft(draft)
            draft.save(update_fields=["seconds", "touched_at"])
            return draft
        if draft.revision != revision:
            raise StaleDraft(draft)
        draft.labels = _check(after, draft)
        touch_draft(draft)
        draft.revision += 1
        draft.save()
    return draft


def show_life(*, reviewer: Reviewer, item: ReviewItem) -> Reservation | None:
    """The claim lasts longer, and the time counts. None when this reviewer does not have the item any more."""
    with transaction.atomic():
        draft = lock_draft(reviewer=reviewer, item=item)
        touch_draft(draft)
        draft.save(update_fields=["seconds", "touched_at"])
    return beat_heart(reviewer=reviewer, item=item)


def lock_draft(*, reviewer: Reviewer, item: ReviewItem) -> Draft:
    drafts = Draft.objects.select_for_update(of=("self",)).select_related("item__rubric_version", "reviewer")
    return drafts.get(reviewer=reviewer, item=item)


def hold_claim(draft: Draft) -> Reservation:
    """The draft's reservation, renewed; taken anew where it ran out and a place is left. Raises :class:`ItemGone`.

    The caller is in a transaction. Locks are taken as :mod:`review.services.claiming` takes them.
    """
    reviewer = Reviewer.objects.select_for_update().get(pk=draft.reviewer_id)
    held = Reservation.objects.select_for_update().filter(reviewer=reviewer).first()
    item = ReviewItem.objects.select_for_update().get(pk=draft.item_id)
    if item.state == ReviewItem.State.RETIRED:
        raise ItemGone(RETIRED.format(reason=item.retired_reason))
    if held is not None and held.item_id == item.pk:
        return held
    if Skip.objects.filter(item=item, reviewer=reviewer).exists():
        raise ItemGone(SKIPPED)
    if item.state != ReviewItem.State.OPEN or item.free_slots == 0:
        raise ItemGone(TAKEN)
    if held is not None:
        # They took another item meanwhile; one at a time, so that one goes back to the queue.
        held.delete()
    return reserve(reviewer, item, draft.drawn)


def touch_draft(draft: Draft | PairDraft, now: datetime | None = None) -> None:
    """Count the time since the last sign of life, unless it was a pause."""
    now = now or timezone.now()
    draft.seconds += min(max((now - draft.touched_at).total_seconds(), 0.0), settings.REVIEW["IDLE_SECONDS"])
    draft.touched_at = now


def content_of(draft: Draft) -> RubricContent:
    return draft.item.rubric_version.read()


def _merge(draft: Draft, before: Labels, turns: Turns, trajectory: TrajectoryLabel | None) -> Labels:
    after = before
    numbers = draft.item.turn_numbers
    for number, turn in turns.items():
        if number not in numbers:
            raise DraftRefused(f"There is no turn {number}.")
        place = numbers.index(number)
        if draft.stage == Pass.FIRST and place > draft.shown:
            raise DraftRefused("This turn has not been shown yet.")
        known = before.of(number)
        same = turn.model_copy(update={"hindsight": known.hindsight})
        late = draft.stage == Pass.FIRST and place < draft.shown and same != known
        after = after.put(number, same.model_copy(update={"hindsight": known.hindsight or late}))
    return after if trajectory is None else Labels(turns=after.turns, trajectory=trajectory)


def _check(labels: Labels, draft: Draft) -> dict:
    try:
        return read_labels(labels.to_dict(), content_of(draft), draft.item.turn_numbers).to_dict()
    except LabelsError as fault:
        raise DraftRefused(str(fault)) from fault
