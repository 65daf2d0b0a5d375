"""What was left behind: reservations without a sign of life go back to the queue. Drafts of items stay."""

from django.db import transaction
from django.db.models.functions import Now

from review.models import PairReservation, Reservation
from review.models.queue import Hold

BATCH = 500


def sweep_reservations() -> int:
    """How many ran out, of items and of pairs."""
    return _sweep(Reservation) + _sweep(PairReservation)


def _sweep(holds: type[Hold]) -> int:
    with transaction.atomic():
        lost = holds._default_manager.select_for_update(skip_locked=True, of=("self",)).filter(expires_at__lt=Now())
        ids = list(lost.order_by("expires_at").values_list("pk", flat=True)[:BATCH])
        holds._default_manager.filter(pk__in=ids).delete()
    return len(ids)
