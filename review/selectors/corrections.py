"""Corrected turns: which may be written, one's own, and those that were accepted."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from diagnosis.models import Case, TrajectoryNode
from diagnosis.selectors.branch import TURN
from diagnosis.services.planning import render_prefix
from medaction.domain.case import Case as DomainCase
from medaction.domain.prompt import Message
from review.models import Annotation, Correction, Draft, Reviewer, ReviewItem
from review.models.annotation import Pass
from review.rules import Labels

CHUNK = 200
OPEN = (Correction.State.DRAFT, Correction.State.RUNNING, Correction.State.READY)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a reviewer is with an item. ``judged`` are the turns that they may correct: those with a label, and those
    that they went on from. ``blind``: the judgement without the truth is not stored yet.
    """

    labels: Labels
    judged: frozenset[int]
    blind: bool


@dataclass(frozen=True, slots=True)
class AcceptedCorrection:
    """``messages`` end with what was shown before the turn; ``chosen`` and ``rejected`` are two texts of that turn.

    ``chosen`` stands in ``trajectory_id`` at node ``chosen_seq``, and the model's way on from it ends at ``leaf_seq``;
    ``rejected`` stands in ``rejected_trajectory_id`` at node ``rejected_seq``. ``steps`` are labels by turn number, up
    to the corrected turn, which is +1; ``rejected_label`` is the reviewer's of the original, None where it has none (a
    turn of an earlier re-run). ``stage``: FIRST, written without knowing the truth.
    """

    correction_id: UUID
    item_id: UUID
    case: Case
    turn_number: int
    messages: tuple[Message, ...]
    chosen: str
    chosen_seq: int
    rejected: str
    rejected_trajectory_id: UUID
    rejected_seq: int
    trajectory_id: UUID
    leaf_seq: int
    steps: dict[int, int]
    rejected_label: int | None
    reason: str
    stage: str
    reviewer: str
    rubric_version_id: int
    created_at: datetime
    accepted_at: datetime


def get_standing(*, reviewer: Reviewer, item: ReviewItem) -> Standing | None:
    """None for an item that this reviewer never had before them. One or two queries."""
    draft = Draft.objects.filter(reviewer=reviewer, item=item).first()
    if draft is not None:
        labels = Labels.model_validate(draft.labels)
        return Standing(labels, _judged(draft, labels, item), draft.stage == Pass.FIRST)
    latest = Annotation.objects.filter(reviewer=reviewer, item=item).order_by("-revision").first()
    if latest is None:
        return None
    return Standing(Labels.model_validate(latest.labels), frozenset(item.turn_numbers), blind=False)


def get_correction(*, user: Any, correction_id: UUID) -> Correction:
    """This person's own. Raises ``Correction.DoesNotExist``."""
    corrections = Correction.objects.select_related(
        "item__rubric_version", "item__trajectory__case", "reviewer__user", "trajectory__session", "follows"
    )
    return corrections.defer("item__trajectory__case__search").get(pk=correction_id, reviewer__user=user)


def get_own_item(*, user: Any, item_id: UUID) -> tuple[Reviewer, ReviewItem]:
    """An item that this person has or had before them. Raises ``ReviewItem.DoesNotExist``."""
    mine = Q(drafts__reviewer__user=user) | Q(annotations__reviewer__user=user)
    item = ReviewItem.objects.filter(mine, pk=item_id).select_related("trajectory").first()
    if item is None:
        raise ReviewItem.DoesNotExist
    return Reviewer.objects.select_related("user").get(user=user), item


def list_open_corrections(reviewer: Reviewer) -> list[Correction]:
    """What this reviewer has begun and neither accepted nor discarded, the latest first; at most twenty."""
    mine = Correction.objects.filter(reviewer=reviewer, state__in=OPEN).select_related("item__trajectory__case")
    hidden = ("item__trajectory__case__payload", "item__trajectory__case__search")
    return list(mine.defer(*hidden).order_by("-touched_at")[:20])


def list_item_corrections(*, reviewer: Reviewer, item: ReviewItem) -> list[Correction]:
    """All of this reviewer's of the item that were not discarded, by turn."""
    mine = Correction.objects.filter(reviewer=reviewer, item=item).exclude(state=Correction.State.DISCARDED)
    return list(mine.order_by("turn_number", "created_at"))


def list_accepted_corrections(corrections: QuerySet[Correction] | None = None) -> Iterator[AcceptedCorrection]:
    """The accepted ones among ``corrections`` (all, when None), in the order in which they were accepted.

    Two queries for every two hundred. What has no messages, pair or end does not exist: constraints see to that.
    """
    accepted = Correction.objects.all() if corrections is None else corrections
    accepted = (
        accepted.filter(state=Correction.State.ACCEPTED)
        .select_related("item", "follows", "reviewer", "trajectory__case")
        .defer("trajectory__case__search")
        .order_by("accepted_at", "pk")
    )
    rows = accepted.iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        paths, rejected = _read_nodes(chunk)
        for correction in chunk:
            yield _describe(correction, paths[correction.trajectory_id], rejected)


def get_source_id(correction: Correction) -> UUID:
    """The trajectory in which the turn stands that is corrected. The item and ``follows`` come with it."""
    return correction.follows.trajectory_id if correction.follows_id else correction.item.trajectory_id


def _judged(draft: Draft, labels: Labels, item: ReviewItem) -> frozenset[int]:
    if draft.stage == Pass.SECOND:
        return frozenset(item.turn_numbers)
    shown = enumerate(item.turn_numbers[: draft.shown + 1])
    return frozenset(number for place, number in shown if place < draft.position or labels.of(number).label is not None)


def _read_nodes(
    corrections: Collection[Correction],
) -> tuple[dict[UUID, list[TrajectoryNode]], dict[tuple[UUID, int], str]]:
    """The re-runs' nodes by trajectory, in order, and the texts of the original turns by trajectory and node."""
    sources = {get_source_id(each) for each in corrections}
    wanted = {each.trajectory_id for each in corrections}
    paths: dict[UUID, list[TrajectoryNode]] = {each: [] for each in wanted}
    for node in TrajectoryNode.objects.filter(trajectory__in=wanted).order_by("trajectory", "seq"):
        paths[node.trajectory_id].append(node)
    originals = TrajectoryNode.objects.filter(
        trajectory__in=sources, seq__in={each.turn_seq for each in corrections}, kind=TURN
    )
    return paths, {(node.trajectory_id, node.seq): node.content["text"] for node in originals}


def _describe(
    correction: Correction, path: list[TrajectoryNode], rejected: dict[tuple[UUID, int], str]
) -> AcceptedCorrection:
    place = next(
        index
        for index, node in enumerate(path)
        if node.kind == TURN and node.content["number"] == correction.turn_number
    )
    trajectory = correction.trajectory
    case = DomainCase.from_dict(trajectory.case.payload)
    source = get_source_id(correction)
    return AcceptedCorrection(
        correction_id=correction.pk,
        item_id=correction.item_id,
        case=trajectory.case,
        turn_number=correction.turn_number,
        messages=render_prefix(case, trajectory.settings["environment"], path[:place]).messages,
        chosen=correction.text,
        chosen_seq=path[place].seq,
        rejected=rejected[source, correction.turn_seq],
        rejected_trajectory_id=source,
        rejected_seq=correction.turn_seq,
        trajectory_id=trajectory.pk,
        leaf_seq=correction.leaf_seq,
        steps={int(number): label for number, label in correction.labels["steps"].items()},
        rejected_label=correction.labels["rejected"],
        reason=correction.reason,
        stage=correction.stage,
        reviewer=correction.reviewer.alias,
        rubric_version_id=correction.item.rubric_version_id,
        created_at=correction.created_at,
        accepted_at=correction.accepted_at,
    )
