"""Which items a reviewer may be served, in which order."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from review.models import Annotation, Reviewer, ReviewItem, Skip
from review.models.item import ANY_SPECIALTY

Kind, State = ReviewItem.Kind, ReviewItem.State
BY_PRIORITY = (F("priority").desc(), F("triage").desc(), "draw")
BY_DRAW = ("draw",)


def list_unseen(reviewer: Reviewer) -> QuerySet[ReviewItem]:
    """Open items that this reviewer has neither judged nor skipped."""
    mine = {"item": OuterRef("pk"), "reviewer": reviewer}
    unseen = ~Exists(Annotation.objects.filter(**mine, revision=2)) & ~Exists(Skip.objects.filter(**mine))
    return ReviewItem.objects.filter(unseen, state=State.OPEN)


def list_free(reviewer: Reviewer) -> QuerySet[ReviewItem]:
    """Real items with a free place among them."""
    return list_unseen(reviewer).filter(kind=Kind.REAL, free_slots__gt=0)


def list_candidates(reviewer: Reviewer, *, uniformly: bool, most: int) -> list[UUID]:
    """The best free items, best first: by priority, or in the uniform random order. At most ``most``, in one query.

    Each specialty is read from the head of its index, however many items there are of others.
    """
    order = BY_DRAW if uniformly else BY_PRIORITY
    free = list_free(reviewer).values_list("pk", "priority", "triage", "draw")
    parts = [free.filter(specialty=each).order_by(*order)[:most] for each in places_of(reviewer)]
    rows = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True)
    return [row[0] for row in sorted(rows, key=_by_draw if uniformly else _by_priority)][:most]


def list_references(reviewer: Reviewer, kind: str) -> QuerySet[ReviewItem]:
    """Gold or training items that this reviewer has not judged, in the random order."""
    return list_unseen(reviewer).filter(kind=kind, specialty__in=places_of(reviewer)).order_by("draw")


def places_of(reviewer: Reviewer) -> list[str]:
    return [ANY_SPECIALTY, *dict.fromkeys(reviewer.specialties)]


def _by_priority(row: Iterable[Any]) -> tuple[float, float, float]:
    _, priority, triage, draw = row
    return (-priority, -triage, draw)


def _by_draw(row: Iterable[Any]) -> float:
    return tuple(row)[3]
