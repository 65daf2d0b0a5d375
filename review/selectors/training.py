"""How a reviewer's training stands: their blind judgements beside the references."""

from dataclasses import dataclass

from django.conf import settings

from review.models import Annotation, Reviewer, ReviewItem
from review.models.annotation import Pass
from review.models.item import ANY_SPECIALTY
from review.rules import Agreement, Labels, compare_labels


@dataclass(frozen=True, slots=True)
class Training:
    """``done`` of the ``needed`` items that count; ``share`` of their turns agrees, None before any.

    The latest ``needed`` items count, so that one who has learned is not held to how they began.
    """

    done: int
    needed: int
    share: float | None
    passed: bool


def get_training(reviewer: Reviewer) -> Training:
    """Two queries."""
    items = list_training_items(reviewer)
    needed = min(settings.REVIEW["TRAINING_ITEMS"], items.count())
    handed_in = Annotation.objects.filter(reviewer=reviewer, revision=2, item__kind=ReviewItem.Kind.TRAINING)
    blind = (
        Annotation.objects.filter(reviewer=reviewer, stage=Pass.FIRST, item__in=handed_in.values("item"))
        .select_related("item")
        .order_by("-created_at")[:needed]
    )
    agreements = [compare_annotation(annotation) for annotation in blind]
    count = sum(agreement.count for agreement in agreements)
    share = sum(agreement.same for agreement in agreements) / count if count else None
    done = len(agreements)
    passed = done >= needed and (share is None or share >= settings.REVIEW["QUALIFY_AT"])
    return Training(done, needed, share, passed)


def list_training_items(reviewer: Reviewer):
    """Open training items for this reviewer's specialties."""
    places = [ANY_SPECIALTY, *reviewer.specialties]
    return ReviewItem.objects.filter(kind=ReviewItem.Kind.TRAINING, state=ReviewItem.State.OPEN, specialty__in=places)


def compare_annotation(annotation: Annotation) -> Agreement:
    """Against the reference of its item, which has one."""
    reference = Labels.model_validate(annotation.item.reference)
    return compare_labels(Labels.model_validate(annotation.labels), reference)
