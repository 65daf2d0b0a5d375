"""What the queues of items and of pairs have in common: who may ask, what is free, and for how long it is kept.

Locks are taken in one order: the reviewer, what they hold, what is served. That nothing is served too often is a
constraint; here it is only made unlikely that one waits for it.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import count
from time import monotonic, sleep
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from review.models import Reviewer
from review.models.queue import Hold
from review.models.served import Served
from review.services.auditing import write_audit
from review.services.errors import ItemRefused, NothingToClaim
from review.services.reviewers import ensure_reviewer

# More are looked at when all of these are being taken.
CANDIDATES, MOST_DOUBLINGS = 32, 3
PATIENCE_SECONDS, PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 0.01, 0.1
PAUSED = "Your reviewing is paused. The people who run this site can start it again."
BUSY = "Many reviewers asked at the same moment. Ask again."

Held = TypeVar("Held", bound=Hold)
Free = TypeVar("Free", bound=Served)


def lock_reviewer(*, user: Any) -> Reviewer:
    """This person's profile, made where there is none, for the rest of the transaction."""
    reviewers = Reviewer.objects.select_for_update(of=("self",))
    return reviewers.filter(user=user).first() or reviewers.get(pk=ensure_reviewer(user=user).pk)


def look_back(reviewer: Reviewer, holds: type[Hold], drafts: QuerySet[Any]) -> tuple[bool, bool]:
    """Whether they hold something, and whether one of ``drafts`` is theirs. The caller locks the reviewer: only then
    does this see what their other window did."""
    mine = {"reviewer": OuterRef("pk")}
    looks = Exists(holds._default_manager.filter(**mine)), Exists(drafts.filter(**mine))
    return Reviewer.objects.filter(pk=reviewer.pk).values_list(*looks)[0]


def renew(held: Held) -> Held:
    held.heartbeat_at = timezone.now()
    held.expires_at = held.heartbeat_at + patience()
    held.save(update_fields=["heartbeat_at", "expires_at"])
    return held


def patience() -> timedelta:
    return timedelta(seconds=settings.REVIEW["CLAIM_SECONDS"])


def chance_of(reviewer: Reviewer) -> float:
    """From 0 to 1, the same again for the same seed, reviewer and number of the claim."""
    return fraction_of(f"{reviewer.alias}:{reviewer.claims}")


def draw_of(served_id: UUID) -> float:
    """Its place in the uniform random order, from 0 (inclusive) to 1 (exclusive)."""
    return fraction_of(str(served_id))


def fraction_of(words: str) -> float:
    """From 0 (inclusive) to 1 (exclusive), by the site's seed."""
    digest = sha256(f"{settings.REVIEW['SEED']}:{words}".encode()).digest()
    return (int.from_bytes(digest[:8]) >> 11) / (1 << 53)


def pick_free(
    rows: QuerySet[Free], list_candidates: Callable[[int], Sequence[UUID]], order: Sequence[str], *, empty: str
) -> Free:
    """The best of ``rows`` that nobody else is taking at this moment; when all are, one that becomes free meanwhile.

    ``list_candidates`` gives at most so many ids, best first; in a statement of its own, because as a subquery of the
    one that locks it is planned badly. Raises :class:`NothingToClaim`, with the words ``empty`` when there are none.
    """
    until = monotonic() + PATIENCE_SECONDS
    for attempt in count():
        ids = list_candidates(CANDIDATES << min(attempt, MOST_DOUBLINGS))
        if not ids:
            raise NothingToClaim(empty)
        # Looked at again under the lock: a place may have gone meanwhile.
        free = rows.select_for_update(skip_locked=True, of=("self",)).filter(
            pk__in=ids, state=Served.State.OPEN, free_slots__gt=0
        )
        found = free.order_by(*order).first()
        if found is not None:
            return found
        if monotonic() > until:
            break
        # Others have them locked for the moment that a claim takes. To wait for the lock itself could end in a
        # deadlock: rows whose place turned out to be gone stay locked until this transaction ends.
        sleep(min(PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS))
    raise NothingToClaim(BUSY)


def retire(served: Free, holds: QuerySet[Any], *, reason: str, by: Any, word: str) -> None:
    """Not served any more, and taken from whoever has it. The caller is in a transaction. Raises ``ItemRefused``.

    ``word``: what it is called, ``item`` or ``pair``.
    """
    if not reason.strip():
        raise ItemRefused(f"Say why the {word} is retired.")
    # Whoever hands it in locks the reservation first, then what is served.
    list(holds.select_for_update())
    locked = type(served)._default_manager.select_for_update().get(pk=served.pk)
    if locked.state != Served.State.OPEN:
        raise ItemRefused(f"This {word} is {locked.get_state_display().lower()} already.")
    locked.state, locked.retired_reason = Served.State.RETIRED, reason.strip()[:400]
    locked.save(update_fields=["state", "retired_reason"])
    holds.delete()
    write_audit(by=by, verb=f"retire_{word}", subject=locked, reason=locked.retired_reason)
