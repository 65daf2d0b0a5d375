"""Not judging an item, with a reason."""

from django.db import transaction

from review.models import Reservation, Reviewer, ReviewItem, Skip
from review.models.queue import Refusal
from review.rules.labels import COMMENT_LIMIT, clean_text
from review.services.auditing import write_audit
from review.services.errors import ItemGone, SkipRefused


def skip_item(*, reviewer: Reviewer, item: ReviewItem, reason: str, note: str = "") -> Skip:
    """The item goes to somebody else and never comes back. Raises :class:`SkipRefused`, :class:`ItemGone`."""
    note = check_refusal(reason, note)
    with transaction.atomic():
        held = Reservation.objects.select_for_update().filter(reviewer=reviewer, item=item).first()
        if held is None:
            raise ItemGone("You do not have this item any more, so there is nothing to skip.")
        held.delete()
        skip = Skip.objects.create(item=item, reviewer=reviewer, reason=reason, note=note)
        write_audit(by=reviewer.user, verb="skip_item", subject=item, reason=reason)
    return skip


def check_refusal(reason: str, note: str) -> str:
    """The note as it is kept. Raises :class:`SkipRefused`."""
    note = clean_text(note).strip()
    if reason not in Refusal.Reason.values:
        raise SkipRefused("Choose why you skip it.")
    if reason == Refusal.Reason.OTHER and not note:
        raise SkipRefused("Say in a few words why you skip it.")
    if len(note) > COMMENT_LIMIT:
        raise SkipRefused(f"The note has {len(note):,} characters; at most {COMMENT_LIMIT:,} fit.")
    return note
