"""Which items a reviewer may be served, in which order."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from review.models import Annotation, Reviewer, ReviewItem, Skip
from review.models.item import ANY_SPECIALTY

Kind, State = ReviewItem.Kind, ReviewItem.State
BY_PRIORITY = ("-priority", "-triage", "draw")
BY_DRAW = ("draw",)


def list_unseen(reviewer: Reviewer) -> QuerySet[ReviewItem]:
    """Open items that this reviewer has neither judged nor skipped."""
    mine = {"item": OuterRef("pk"), "reviewer": reviewer}
    unseen = ~Exists(Annotation.objects.filter(**mine, revision=2)) & ~Exists(Skip.objects.filter(**mine))
    return ReviewItem.objects.filter(unseen, state=State.OPEN)


def list_free(reviewer: Reviewer) -> QuerySet[ReviewItem]:
    """Real items with a free place among them."""
    return list_unseen(reviewer).filter(kind=Kind.REAL, free_slots__gt=0)


def list_candidates(reviewer: Reviewer, uniformly: bool, most: int) -> list[UUID]:
    """The best free items, best first: by priority, or in the uniform random order. At most ``most``, in one query.

    Each specialty is read from the head of its index, however many items there are of others.
    """
    return list_heads(list_free(reviewer), places_of(reviewer), BY_DRAW if uniformly else BY_PRIORITY, most)


def list_heads(free: QuerySet[Any], places: Sequence[str], order: Sequence[str], most: int) -> list[UUID]:
    """The first of ``free`` in this order (names of columns, ``-`` for downwards), over all these specialties."""
    rows = free.values_list("pk", *(name.removeprefix("-") for name in order))
    parts = [rows.filter(specialty=each).order_by(*order)[:most] for each in places]
    found = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True)
    signs = [-1 if name.startswith("-") else 1 for name in order]
    ranked = sorted(found, key=lambda row: [sign * value for sign, value in zip(signs, row[1:], strict=True)])
    return [row[0] for row in ranked[:most]]


def list_references(reviewer: Reviewer, kind: str) -> QuerySet[ReviewItem]:
    """Gold or training items that this reviewer has not judged, in the random order."""
    return list_unseen(reviewer).filter(kind=kind, specialty__in=places_of(reviewer)).order_by("draw")


def places_of(reviewer: Reviewer) -> list[str]:
    return [ANY_SPECIALTY, *dict.fromkeys(reviewer.specialties)]
