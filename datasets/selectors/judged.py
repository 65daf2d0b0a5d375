"""What reviewers have said that a dataset version may be made of.

Walkthroughs that people wrote themselves stay out: their words are theirs, and no model's to learn.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from diagnosis.models import Session
from review.models import Adjudication, Annotation, Correction, Preference, ReviewItem, RubricVersion
from review.models.annotation import Pass
from review.selectors.authoritative import list_authoritative
from review.selectors.preferences import list_authoritative_preferences

DRIVE = Session.Mode.DRIVE
REAL = ReviewItem.Kind.REAL
RETIRED = ReviewItem.State.RETIRED


@dataclass(frozen=True, slots=True)
class JudgedRubric:
    """A version of a rubric with how much was judged by it: labels of branches, corrections, comparisons."""

    version: RubricVersion
    judgements: int
    corrections: int
    comparisons: int

    def __str__(self) -> str:
        counts = (
            (self.judgements, "judgement"),
            (self.corrections, "correction"),
            (self.comparisons, "comparison"),
        )
        told = ", ".join(f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in counts if count)
        return f"{self.version}: {told}"


def list_judgements() -> QuerySet[Annotation]:
    """The latest second pass of each reviewer and item that was to be judged and is not retired."""
    latest = Annotation.objects.filter(stage=Pass.SECOND, item__kind=REAL).exclude(item__state=RETIRED)
    # An adjudicator's own judgement, stage THIRD, supersedes none of these: adjudicators have not judged the item.
    return latest.filter(superseded_by__isnull=True).exclude(item__trajectory__session__mode=DRIVE)


def list_blind(judgements: QuerySet[Annotation]) -> QuerySet[Annotation]:
    """The first passes that belong to these."""
    handed_in = judgements.filter(item=OuterRef("item"), reviewer=OuterRef("reviewer"))
    return Annotation.objects.filter(Exists(handed_in), revision=1)


def list_adjudicated() -> QuerySet[Adjudication]:
    decided = list_authoritative().filter(item__kind=REAL).exclude(item__state=RETIRED)
    return decided.exclude(item__trajectory__session__mode=DRIVE)


def list_corrected() -> QuerySet[Correction]:
    accepted = Correction.objects.filter(state=Correction.State.ACCEPTED, item__kind=REAL)
    return accepted.exclude(item__state=RETIRED).exclude(item__trajectory__session__mode=DRIVE)


def list_compared() -> QuerySet[Preference]:
    compared = list_authoritative_preferences().exclude(pair__first_trajectory__session__mode=DRIVE)
    return compared.exclude(pair__second_trajectory__session__mode=DRIVE)


def count_set_aside() -> dict[str, int]:
    """Judgements that make no version, by reason."""
    second = Annotation.objects.filter(stage=Pass.SECOND, superseded_by__isnull=True)
    served = second.filter(item__kind=REAL)
    return {
        "of gold and training items": second.exclude(item__kind=REAL).count(),
        "of retired items": served.filter(item__state=RETIRED).count(),
        "of walkthroughs that people wrote": served.exclude(item__state=RETIRED)
        .filter(item__trajectory__session__mode=DRIVE)
        .count(),
    }


def list_judged_rubrics() -> list[JudgedRubric]:
    """Those by which something was judged, newest first. Four queries."""
    counts: dict[int, Counter[str]] = {}
    sources: Sequence[tuple[str, str, QuerySet[Any]]] = (
        ("judgements", "item__rubric_version", list_judgements()),
        ("corrections", "item__rubric_version", list_corrected()),
        ("comparisons", "pair__rubric_version", list_compared()),
    )
    for name, field, rows in sources:
        for version, count in rows.order_by().values_list(field).annotate(n=Count("pk")):
            counts.setdefault(version, Counter())[name] = count
    versions = RubricVersion.objects.filter(pk__in=counts).select_related("rubric").order_by("-locked_at", "-pk")
    return [
        JudgedRubric(version, *(counts[version.pk][name] for name in ("judgements", "corrections", "comparisons")))
        for version in versions
    ]
