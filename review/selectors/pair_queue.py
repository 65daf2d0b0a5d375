"""Which pairs a reviewer may be served, in which order."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from review.models import Pair, PairSkip, Preference, Reviewer
from review.selectors.queue import BY_DRAW, list_heads, places_of

BY_PRIORITY = ("-priority", "draw")


def list_free_pairs(reviewer: Reviewer) -> QuerySet[Pair]:
    """Open pairs with a free place that this reviewer has neither answered nor skipped."""
    mine = {"pair": OuterRef("pk"), "reviewer": reviewer}
    unseen = ~Exists(Preference.objects.filter(**mine)) & ~Exists(PairSkip.objects.filter(**mine))
    return Pair.objects.filter(unseen, state=Pair.State.OPEN, free_slots__gt=0)


def list_pair_candidates(reviewer: Reviewer, uniformly: bool, most: int) -> list[UUID]:
    """The best free pairs, best first: by priority, or in the uniform random order. At most ``most``, in one query."""
    return list_heads(list_free_pairs(reviewer), places_of(reviewer), BY_DRAW if uniformly else BY_PRIORITY, most)
