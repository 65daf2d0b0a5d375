"""What was left behind: reservations without a sign of life go back to the queue. Their drafts stay."""

from django.db import transaction
from django.db.models.functions import Now

from review.models import Reservation

BATCH = 500


def sweep_reservations() -> int:
    """How many ran out."""
    with transaction.atomic():
        lost = Reservation.objects.select_for_update(skip_locked=True, of=("self",)).filter(expires_at__lt=Now())
        ids = list(lost.order_by("expires_at").values_list("pk", flat=True)[:BATCH])
        Reservation.objects.filter(pk__in=ids).delete()
    return len(ids)
