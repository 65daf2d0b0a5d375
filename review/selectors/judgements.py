"""Judgements as figures are made of them: by rubric version, under aliases, read once and never all at a time."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from review.figures import Judgement, Known
from review.models import Adjudication, Annotation, ReviewItem, RubricVersion
from review.models.annotation import Pass
from review.selectors.authoritative import list_authoritative

Kind = ReviewItem.Kind
CHUNK = 2000


def get_source(version: RubricVersion) -> str:
    """Which judgements and decisions there are; another text when there are others. Two queries; "" for none."""
    found = _handed_in(version, (Kind.REAL, Kind.GOLD)).aggregate(last=Max("pk"), count=Count("pk"))
    decided = Adjudication.objects.filter(item__rubric_version=version).aggregate(last=Max("pk"))["last"]
    return f"{found['count']} to {found['last']}, decided to {decided or 0}" if found["count"] else ""


def stream_judgements(version: RubricVersion) -> Iterator[tuple[Judgement, Judgement]]:
    """Of real items that are not retired: each handed-in judgement, blind and as it stands. One query."""
    return _pairs(_handed_in(version, (Kind.REAL,)))


def stream_gold(version: RubricVersion) -> Iterator[Judgement]:
    """Blind judgements of gold items. One query."""
    return (blind for blind, _ in _pairs(_handed_in(version, (Kind.GOLD,))))


def get_known(version: RubricVersion) -> Known:
    """Two queries."""
    gold = ReviewItem.objects.filter(rubric_version=version, kind=Kind.GOLD)
    references = {item.pk: item for item in gold.only("reference", "turn_numbers")}
    decided = list(list_authoritative().filter(item__rubric_version=version))
    turns = {pk: item.turn_numbers for pk, item in references.items()}
    return Known(
        gold={pk: item.reference for pk, item in references.items()},
        authoritative={each.item_id: each.annotation.labels for each in decided},
        turns={**turns, **{each.item_id: each.item.turn_numbers for each in decided}},
    )


def count_causes(version: RubricVersion) -> list[dict[str, Any]]:
    """Why reviewers disagreed, as those who decided said, the most frequent first. One query."""
    current = Adjudication.objects.filter(superseded_by__isnull=True, item__rubric_version=version)
    words = dict(Adjudication.Cause.choices)
    counted = current.order_by().values("cause").annotate(n=Count("pk")).order_by("-n", "cause")
    return [{"cause": each["cause"], "word": words[each["cause"]], "n": each["n"]} for each in counted]


def _handed_in(version: RubricVersion, kinds: tuple[str, ...]) -> QuerySet[Annotation]:
    # As an anti-join: of a left join PostgreSQL expects a single row, and then goes through all items for each.
    latest = Annotation.objects.filter(
        ~Exists(Annotation.objects.filter(supersedes=OuterRef("pk"))), rubric_version=version, stage=Pass.SECOND
    )
    return latest.filter(item__kind__in=kinds).exclude(item__state=ReviewItem.State.RETIRED)


def _pairs(handed_in: QuerySet[Annotation]) -> Iterator[tuple[Judgement, Judgement]]:
    blind = Annotation.objects.filter(item=OuterRef("item"), reviewer=OuterRef("reviewer"), stage=Pass.FIRST)
    first = Subquery(blind.order_by().values("labels")[:1])
    rows = handed_in.annotate(blind=first).order_by("item_id", "reviewer_id")
    columns = ("item", "item__trajectory__case__group_key", "reviewer__alias", "created_at", "item__turn_numbers")
    for *about, first, second in rows.values_list(*columns, "blind", "labels").iterator(chunk_size=CHUNK):
        item, group, rater, at, turns = about
        who = (item, group, rater, timezone.localdate(at), turns)
        yield Judgement(*who, first), Judgement(*who, second)
