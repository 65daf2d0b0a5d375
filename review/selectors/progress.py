"""What a reviewer has done and what waits for them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from review.models import Annotation, Draft, Reservation, Reviewer, Skip
from review.models.annotation import Pass
from review.selectors.queue import list_free, places_of
from review.selectors.training import Training, get_training

MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """``waiting`` counts free items up to 100, ``more``: there are more. ``training`` is None once it is over."""

    done: int
    today: int
    seconds: float
    waiting: int
    more: bool
    training: Training | None
    reservation: Reservation | None
    drafts: tuple[Draft, ...]

    @property
    def seconds_each(self) -> float | None:
        return self.seconds / self.done if self.done else None


def get_progress(reviewer: Reviewer) -> Progress:
    """The same number of queries however much there is."""
    done = Annotation.objects.filter(reviewer=reviewer, revision=2, stage=Pass.SECOND).aggregate(
        n=Count("pk"), seconds=Sum("seconds"), today=Count("pk", filter=Q(created_at__date=timezone.localdate()))
    )
    in_training = reviewer.state == Reviewer.State.TRAINING
    free = list_free(reviewer).filter(specialty__in=places_of(reviewer))
    waiting = 0 if in_training else len(free.values_list("pk", flat=True)[: MOST_COUNTED + 1])
    held = Reservation.objects.filter(reviewer=reviewer).select_related("item").first()
    drafts = Draft.objects.filter(reviewer=reviewer).exclude(item=held.item_id if held else None)
    skips = Skip.objects.filter(item=OuterRef("item"), reviewer=reviewer)
    kept = (
        drafts.filter(revision__gt=1)
        .annotate(skipped=Exists(skips))
        .select_related("item__trajectory__case")
        .order_by("-touched_at")
    )
    hidden = ("item__trajectory__case__payload", "item__trajectory__case__search")
    return Progress(
        done=done["n"],
        today=done["today"],
        seconds=done["seconds"] or 0.0,
        waiting=min(waiting, MOST_COUNTED),
        more=waiting > MOST_COUNTED,
        training=get_training(reviewer) if in_training else None,
        reservation=held,
        drafts=tuple(kept.defer(*hidden)[:20]),
    )


def list_judgements(user: Any) -> QuerySet[Annotation]:
    """What this person handed in, newest first, each in its latest revision."""
    latest = Annotation.objects.filter(reviewer__user=user, stage=Pass.SECOND, superseded_by__isnull=True)
    hidden = ("item__trajectory__case__payload", "item__trajectory__case__search", "item__reference", "labels")
    related = latest.select_related("item__trajectory__case").defer(*hidden)
    return related.annotate(case_title=F("item__trajectory__case__title")).order_by("-created_at")
