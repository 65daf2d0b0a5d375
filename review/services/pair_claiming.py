"""A pair for a reviewer, as :mod:`review.services.claiming` has items: one at a time, until it runs out."""

from functools import partial
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from review.models import Pair, PairDraft, PairReservation, PairSkip, Reviewer
from review.models.pair import Side
from review.models.queue import Draw
from review.selectors.pair_queue import BY_PRIORITY, list_free_pairs, list_pair_candidates
from review.selectors.queue import BY_DRAW
from review.services.auditing import write_audit
from review.services.errors import ItemGone, NothingToClaim
from review.services.holding import PAUSED, chance_of, lock_reviewer, look_back, patience, pick_free, renew
from review.services.reviewers import judge_training
from review.services.skipping import check_refusal

EMPTY = "There is no pair for you to compare now. New ones come as people choose them."
UNTRAINED = "Before pairs come the training items. Take the next item under Review; then pairs wait for you here."


def claim_pair(*, user: Any) -> PairReservation:
    """The pair that this person has before them, else the next one. Raises :class:`NothingToClaim`."""
    with transaction.atomic():
        reviewer = lock_reviewer(user=user)
        holds, began = look_back(reviewer, PairReservation, PairDraft.objects.filter(answered=False))
        held = PairReservation.objects.select_for_update().filter(reviewer=reviewer).first() if holds else None
        if held is not None:
            return renew(held)
        pair, drawn = (began and _resume(reviewer)) or _draw(reviewer)
        return reserve_pair(reviewer, pair, drawn)


def reserve_pair(reviewer: Reviewer, pair: Pair, drawn: str) -> PairReservation:
    """The caller holds the pair's lock."""
    now = timezone.now()
    reservation = PairReservation.objects.create(
        pair=pair, reviewer=reviewer, drawn=drawn, heartbeat_at=now, expires_at=now + patience()
    )
    # Where there is one, it is gone on with.
    draft = PairDraft(pair=pair, reviewer=reviewer, drawn=drawn, left=left_for(pair, reviewer), touched_at=now)
    PairDraft.objects.bulk_create([draft], ignore_conflicts=True)
    return reservation


def left_for(pair: Pair, reviewer: Reviewer) -> Side:
    """Which side this reviewer sees on the left: always the same, and either one for half of the reviewers."""
    digest = sha256(f"{pair.seed}:{reviewer.alias}".encode()).digest()
    return Side.FIRST if digest[0] & 1 else Side.SECOND


def release_pair(*, reviewer: Reviewer, pair: Pair) -> None:
    """Back to the queue; what was written stays and is gone on with when they next ask."""
    with transaction.atomic():
        PairReservation.objects.filter(reviewer=reviewer, pair=pair).delete()


def skip_pair(*, reviewer: Reviewer, pair: Pair, reason: str, note: str = "") -> PairSkip:
    """The pair goes to somebody else and never comes back. Raises ``SkipRefused``, :class:`ItemGone`."""
    note = check_refusal(reason, note)
    with transaction.atomic():
        held = PairReservation.objects.select_for_update().filter(reviewer=reviewer, pair=pair).first()
        if held is None:
            raise ItemGone("You do not have this pair any more, so there is nothing to skip.")
        held.delete()
        skip = PairSkip.objects.create(pair=pair, reviewer=reviewer, reason=reason, note=note)
        write_audit(by=reviewer.user, verb="skip_pair", subject=pair, reason=reason)
    return skip


def _resume(reviewer: Reviewer) -> tuple[Pair, str] | None:
    """What they began and did not finish, where there is still a place for them."""
    mine = list_free_pairs(reviewer).filter(drafts__reviewer=reviewer, drafts__answered=False)
    begun = mine.order_by("-drafts__touched_at")
    pair = begun.select_for_update(skip_locked=True, of=("self",)).first()
    return pair and (pair, PairDraft.objects.get(pair=pair, reviewer=reviewer).drawn)


def _draw(reviewer: Reviewer) -> tuple[Pair, str]:
    if reviewer.state == Reviewer.State.PAUSED:
        raise NothingToClaim(PAUSED)
    if not judge_training(reviewer=reviewer):
        raise NothingToClaim(UNTRAINED)
    uniformly = chance_of(reviewer) < settings.REVIEW["UNIFORM_SHARE"]
    find = partial(list_pair_candidates, reviewer, uniformly)
    pair = pick_free(Pair.objects.all(), find, BY_DRAW if uniformly else BY_PRIORITY, empty=EMPTY)
    reviewer.claims += 1
    reviewer.save(update_fields=["claims"])
    return pair, Draw.UNIFORM if uniformly else Draw.PRIORITY
