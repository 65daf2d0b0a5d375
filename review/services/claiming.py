"""An item for a reviewer: one at a time, under a reservation that runs out without a sign of life."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Avg, Q
from django.utils import timezone

from review.models import Draft, Reservation, Reviewer, ReviewItem
from review.models.queue import Draw
from review.selectors.queue import BY_DRAW, BY_PRIORITY, list_candidates, list_references, list_unseen
from review.selectors.training import get_training
from review.services.errors import NothingToClaim
from review.services.holding import PAUSED, chance_of, lock_reviewer, look_back, patience, pick_free, renew
from review.services.reviewers import judge_training

Kind = ReviewItem.Kind
EMPTY = "There is nothing for you to judge now. New items come as trajectories are added."


def claim_item(*, user: Any) -> Reservation:
    """The item that this person has before them, else the next one. Raises :class:`NothingToClaim`."""
    with transaction.atomic():
        reviewer = lock_reviewer(user=user)
        holds, began = look_back(reviewer, Reservation, Draft.objects.all())
        if holds and (held := _held(reviewer)) is not None:
            return renew(held)
        item, drawn = (began and _resume(reviewer)) or _draw(reviewer)
        return reserve(reviewer, item, drawn)


def reserve(reviewer: Reviewer, item: ReviewItem, drawn: str) -> Reservation:
    """The caller holds the item's lock."""
    now = timezone.now()
    reservation = Reservation.objects.create(
        item=item, reviewer=reviewer, drawn=drawn, heartbeat_at=now, expires_at=now + patience()
    )
    # Where there is one, it is gone on with.
    Draft.objects.bulk_create([Draft(item=item, reviewer=reviewer, drawn=drawn, touched_at=now)], ignore_conflicts=True)
    return reservation


def beat_heart(*, reviewer: Reviewer, item: ReviewItem) -> Reservation | None:
    """A sign of life. None when this reviewer does not have the item (any more)."""
    with transaction.atomic():
        held = Reservation.objects.select_for_update().filter(reviewer=reviewer, item=item).first()
        return None if held is None else renew(held)


def release_item(*, reviewer: Reviewer, item: ReviewItem) -> None:
    """Back to the queue; the draft stays and is gone on with when they next ask."""
    with transaction.atomic():
        Reservation.objects.filter(reviewer=reviewer, item=item).delete()


def _held(reviewer: Reviewer) -> Reservation | None:
    return Reservation.objects.select_for_update().filter(reviewer=reviewer).select_related("item").first()


def _resume(reviewer: Reviewer) -> tuple[ReviewItem, str] | None:
    """What they began and did not finish, where there is still a place for them."""
    begun = list_unseen(reviewer).filter(~Q(kind=Kind.REAL) | Q(free_slots__gt=0), drafts__reviewer=reviewer)
    item = begun.order_by("-drafts__touched_at").select_for_update(skip_locked=True, of=("self",)).first()
    return item and (item, Draft.objects.get(item=item, reviewer=reviewer).drawn)


def _draw(reviewer: Reviewer) -> tuple[ReviewItem, str]:
    if reviewer.state == Reviewer.State.PAUSED:
        raise NothingToClaim(PAUSED)
    if not judge_training(reviewer=reviewer):
        return _for_training(reviewer), Draw.TRAINING
    _check_share(reviewer)
    chance = chance_of(reviewer)
    gold, uniform = settings.REVIEW["GOLD_SHARE"], settings.REVIEW["UNIFORM_SHARE"]
    item = list_references(reviewer, Kind.GOLD).first() if chance < gold else None
    drawn = Draw.GOLD if item else Draw.UNIFORM if gold <= chance < gold + uniform else Draw.PRIORITY
    item = item or _real(reviewer, uniformly=drawn == Draw.UNIFORM)
    _count(reviewer, real=drawn != Draw.GOLD)
    return item, drawn


def _real(reviewer: Reviewer, *, uniformly: bool) -> ReviewItem:
    find = partial(list_candidates, reviewer, uniformly)
    return pick_free(ReviewItem.objects.all(), find, BY_DRAW if uniformly else BY_PRIORITY, empty=EMPTY)


def _for_training(reviewer: Reviewer) -> ReviewItem:
    item = list_references(reviewer, Kind.TRAINING).first()
    if item is None:
        training = get_training(reviewer)
        raise NothingToClaim(
            f"You have done all training items. {training.share or 0:.0%} of your labels agree with the reference; "
            f"{settings.REVIEW['QUALIFY_AT']:.0%} are needed. An adjudicator can talk them over with you."
        )
    return item


def _check_share(reviewer: Reviewer) -> None:
    if reviewer.week != _monday() or reviewer.week_count < settings.REVIEW["FAIR_FLOOR"]:
        return
    others = Reviewer.objects.filter(week=_monday(), state=Reviewer.State.QUALIFIED).exclude(pk=reviewer.pk)
    mean = others.aggregate(mean=Avg("week_count"))["mean"]
    if mean is not None and reviewer.week_count >= settings.REVIEW["FAIR_SHARE"] * mean:
        raise NothingToClaim(
            f"You have had {reviewer.week_count} items this week, the others {mean:.0f} on average. "
            "The next ones are kept for them until they catch up, or until Monday."
        )


def _count(reviewer: Reviewer, *, real: bool) -> None:
    reviewer.claims += 1
    if real:
        same_week = reviewer.week == _monday()
        reviewer.week, reviewer.week_count = _monday(), reviewer.week_count + 1 if same_week else 1
    reviewer.save(update_fields=["claims", "week", "week_count"])


def _monday() -> Any:
    today = timezone.localdate()
    return today - timedelta(days=today.weekday())
