"""What is said about an item, and to whom. Raters talk with adjudicators and never see each other."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from review.models import Annotation, Draft, Mention, Remark, Reviewer, ReviewItem

ADJUDICATE = "review.add_adjudication"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
MOST = 20


@dataclass(frozen=True, slots=True)
class Part:
    """Who somebody is to an item. An adjudicator who judges it themselves is one of its raters until they are done."""

    user: Any
    item: ReviewItem
    adjudicates: bool


@dataclass(frozen=True, slots=True)
class Said:
    """``who``: as this reader may know them."""

    remark: Remark
    who: str
    mine: bool


def get_part(*, user: Any, item_id: UUID) -> Part:
    """Raises ``ReviewItem.DoesNotExist`` for somebody who has nothing to do with the item."""
    item = ReviewItem.objects.select_related("trajectory__case").defer("trajectory__case__payload").get(pk=item_id)
    judging = Draft.objects.filter(item=item, reviewer__user=user).exists()
    if not judging and user.has_perm(ADJUDICATE):
        return Part(user, item, adjudicates=True)
    if judging or Annotation.objects.filter(item=item, reviewer__user=user).exists():
        return Part(user, item, adjudicates=False)
    raise ReviewItem.DoesNotExist


def list_remarks(part: Part) -> list[Said]:
    """For an adjudicator all of them; for a rater their own, and what adjudicators said to them. Two queries."""
    remarks = Remark.objects.filter(item=part.item).select_related("author")
    if not part.adjudicates:
        to_me = Q(by_adjudicator=True, mentions__user=part.user)
        remarks = remarks.filter(Q(author=part.user) | to_me).distinct()
    found = list(remarks)
    authors = [remark.author_id for remark in found if not remark.by_adjudicator]
    aliases = dict(Reviewer.objects.filter(user__in=authors).values_list("user", "alias"))
    return [Said(remark, _name(remark, part, aliases), remark.author_id == part.user.pk) for remark in found]


def list_mentions(user: Any) -> list[Mention]:
    """What this person has not seen yet and may read, the latest first; at most twenty. The same number of queries."""
    unseen = Mention.objects.filter(user=user, seen_at__isnull=True)
    if not user.has_perm(ADJUDICATE):
        mine = Q(remark__item__drafts__reviewer__user=user) | Q(remark__item__annotations__reviewer__user=user)
        unseen = unseen.filter(mine, remark__by_adjudicator=True).distinct()
    related = unseen.select_related("remark__item__trajectory__case")
    hidden = ("remark__item__trajectory__case__payload", "remark__item__trajectory__case__search")
    return list(related.defer(*hidden).order_by("-pk")[:MOST])


def list_adjudicators() -> QuerySet[Any]:
    """Active people who may adjudicate; an administrator of everything is one of them only by role."""
    return get_user_model().objects.with_perm(ADJUDICATE, backend=MODEL_BACKEND, include_superusers=False)


def list_raters(item: ReviewItem, aliases: Collection[str]) -> QuerySet[Reviewer]:
    """Those who judge or judged the item, by alias in lower case."""
    mine = Q(drafts__item=item) | Q(annotations__item=item)
    named = Q()
    for alias in aliases:
        named |= Q(alias__iexact=alias)
    return Reviewer.objects.filter(mine, named, user__is_active=True).distinct() if aliases else Reviewer.objects.none()


def _name(remark: Remark, part: Part, aliases: dict[int, str]) -> str:
    if remark.author_id == part.user.pk:
        return "You"
    if remark.by_adjudicator:
        return remark.author.get_username() if part.adjudicates else "An adjudicator"
    return aliases.get(remark.author_id, "A reviewer")
