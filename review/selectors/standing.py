"""A reviewer's own figures: beside gold, and beside what adjudicators decided. Nobody else's are in it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from review.figures import Judgement, TableReader, list_asked, match_reference, step_of
from review.models import Adjudication, Annotation, Reviewer, ReviewItem, RubricVersion
from review.models.annotation import Pass

# Gold items count by the block, so that nobody learns from the figures which item was one.
GOLD_BLOCK = 5


@dataclass(frozen=True, slots=True)
class OwnStanding:
    """By one version of a rubric, on the step labels. A figure is as :mod:`review.figures` writes it, None before there
    is anything to compare. ``chosen``: how many of the ``decided`` items were decided for this reviewer's judgement."""

    version: RubricVersion
    gold: Mapping[str, Any] | None
    authoritative: Mapping[str, Any] | None
    decided: int
    chosen: int


@dataclass(frozen=True, slots=True)
class _Held:
    """An own judgement with what it is held against. ``version``: the id of its rubric version."""

    version: int
    judgement: Judgement
    reference: Mapping[str, Any]
    chosen: bool = False


def list_own_standings(reviewer: Reviewer) -> list[OwnStanding]:
    """Newest version first; three queries."""
    gold, decided = _by_version(_gold(reviewer)), _by_version(_decided(reviewer))
    versions = RubricVersion.objects.select_related("rubric").filter(pk__in={*gold, *decided}).order_by("-pk")
    return [_stand(version, gold[version.pk], decided[version.pk]) for version in versions]


def _stand(version: RubricVersion, gold: list[_Held], decided: list[_Held]) -> OwnStanding:
    whole_blocks = len(gold) // GOLD_BLOCK * GOLD_BLOCK
    return OwnStanding(
        version=version,
        gold=_hold(version, gold[:whole_blocks]),
        authoritative=_hold(version, decided),
        decided=len(decided),
        chosen=sum(each.chosen for each in decided),
    )


def _hold(version: RubricVersion, held: list[_Held]) -> Mapping[str, Any] | None:
    content = version.read()
    reader = TableReader(content)
    for each in held:
        reader.add(each.judgement)
    references = {each.judgement.item: each.reference for each in held}
    turns = {each.judgement.item: each.judgement.turns for each in held}
    found = match_reference(reader.seal(), step_of(list_asked(content)), references, turns)
    return found[0].figure if found else None


def _gold(reviewer: Reviewer) -> Iterator[_Held]:
    blind = Annotation.objects.filter(item=OuterRef("item"), reviewer=reviewer, stage=Pass.FIRST).values("labels")
    rows = _mine(reviewer).filter(item__kind=ReviewItem.Kind.GOLD).annotate(blind=Subquery(blind[:1]))
    for row in rows:
        yield _Held(row.rubric_version_id, _judgement(row, row.blind), row.item.reference)


def _decided(reviewer: Reviewer) -> Iterator[_Held]:
    current = Adjudication.objects.filter(item=OuterRef("item"), superseded_by__isnull=True)
    rows = _mine(reviewer).annotate(
        labels_that_count=Subquery(current.values("annotation__labels")[:1]),
        counts=Subquery(current.values("annotation")[:1]),
    )
    for row in rows.filter(counts__isnull=False):
        yield _Held(row.rubric_version_id, _judgement(row, row.labels), row.labels_that_count, row.counts == row.pk)


def _mine(reviewer: Reviewer) -> QuerySet[Annotation]:
    latest = Annotation.objects.filter(reviewer=reviewer, stage=Pass.SECOND, superseded_by__isnull=True)
    case = "item__trajectory__case"
    related = latest.exclude(item__state=ReviewItem.State.RETIRED).select_related("reviewer", case)
    return related.defer(f"{case}__payload", f"{case}__search").order_by("pk")


def _judgement(row: Annotation, labels: Mapping[str, Any]) -> Judgement:
    day = timezone.localdate(row.created_at)
    return Judgement(
        row.item_id, row.item.trajectory.case.group_key, row.reviewer.alias, day, row.item.turn_numbers, labels
    )


def _by_version(held: Iterator[_Held]) -> dict[int, list[_Held]]:
    found: dict[int, list[_Held]] = defaultdict(list)
    for each in held:
        found[each.version].append(each)
    return found
