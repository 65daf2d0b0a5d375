"""Saying something about an item. Who is named and may read it is told on their page; other names are only text."""

from django.db import transaction
from django.utils import timezone

from review.models import Mention, Remark
from review.rules import COMMENT_LIMIT
from review.rules.labels import clean_text
from review.rules.mentions import EVERYBODY, find_names
from review.selectors.remarks import Part, list_adjudicators, list_raters
from review.services.auditing import write_audit
from review.services.errors import RemarkRefused


def write_remark(*, part: Part, text: str) -> Remark:
    """Raises :class:`RemarkRefused`."""
    text = clean_text(text).strip()
    if not text:
        raise RemarkRefused("Write something first.")
    if len(text) > COMMENT_LIMIT:
        raise RemarkRefused(
            f"This text has {len(text):,} characters; at most {COMMENT_LIMIT:,} fit. "
            "Shorten it: it is still in the box."
        )
    with transaction.atomic():
        remark = Remark.objects.create(item=part.item, author=part.user, by_adjudicator=part.adjudicates, text=text)
        named = _find_named(part, find_names(text))
        Mention.objects.bulk_create([Mention(remark=remark, user_id=user) for user in sorted(named)])
        write_audit(by=part.user, verb="remark", subject=part.item, remark=remark.pk, mentions=len(named))
    return remark


def see_mentions(*, part: Part) -> None:
    """This person has seen what names them at this item."""
    unseen = Mention.objects.filter(user=part.user, remark__item=part.item, seen_at__isnull=True)
    unseen.update(seen_at=timezone.now())


def _find_named(part: Part, names: tuple[str, ...]) -> set[int]:
    """Adjudicators by user name or all at once; raters by alias, and only by an adjudicator: they stay unknown to each
    other.
    """
    adjudicators = {user.get_username().casefold(): user.pk for user in list_adjudicators()} if names else {}
    named = {adjudicators[name] for name in names if name in adjudicators}
    if EVERYBODY in names:
        named |= set(adjudicators.values())
    if part.adjudicates:
        named |= set(list_raters(part.item, names).values_list("user", flat=True))
    return named - {part.user.pk}
