"""What a reviewer has before them. What they may not know yet is not in it, so that no page can show it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from diagnosis.models import Case, TrajectoryNode
from diagnosis.selectors.branch import TURN, get_branch
from diagnosis.selectors.shapes import Block, TurnBlock
from diagnosis.selectors.walkthrough import get_blocks
from medaction.domain.case import Case as DomainCase
from review.models import Annotation, Draft, Reservation, ReviewItem
from review.models.annotation import Pass
from review.rules import Agreement, Labels, RubricContent, TurnLabel, compare_labels


@dataclass(frozen=True, slots=True)
class Truth:
    diagnosis: str
    aliases: tuple[str, ...]
    teaching_points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgedTurn:
    """A turn with what was said of it; ``reference`` only where the reviewer may see one."""

    number: int
    label: TurnLabel
    block: TurnBlock
    reference: TurnLabel | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """``step``: ``turn`` (one is to be judged), ``trajectory`` (the questions about the whole) or ``second`` (with the
    truth). ``current`` is the turn to be judged. ``blocks`` end with it.
    """

    item: ReviewItem
    case: Case
    content: RubricContent
    labels: Labels
    draft: Draft
    reservation: Reservation | None
    step: str
    current: int | None
    blocks: tuple[Block, ...]
    turns: tuple[JudgedTurn, ...]
    truth: Truth | None
    training: bool

    @property
    def can_go_back(self) -> bool:
        return self.step != "second" and self.draft.position > 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reviewer handed in. ``agreement`` and references only for a training item."""

    item: ReviewItem
    case: Case
    content: RubricContent
    annotation: Annotation
    blocks: tuple[Block, ...]
    turns: tuple[JudgedTurn, ...]
    labels: Labels
    truth: Truth
    agreement: Agreement | None
    reference_comment: str


def get_draft(*, user: Any, item_id: UUID) -> Draft:
    """This person's own. Raises ``Draft.DoesNotExist``."""
    drafts = Draft.objects.select_related("item__rubric_version", "item__trajectory__case", "reviewer__user")
    return drafts.defer("item__trajectory__case__search").get(reviewer__user=user, item=item_id)


def get_workspace(draft: Draft, labels: Labels | None = None) -> Workspace:
    """Two queries. ``labels``: instead of the stored ones, what was sent and could not be kept."""
    item = draft.item
    labels = labels or Labels.model_validate(draft.labels)
    second = draft.stage == Pass.SECOND
    over = second or draft.position >= len(item.turn_numbers)
    current = None if over else item.turn_numbers[draft.position]
    branch = get_branch(trajectory_id=item.trajectory_id, leaf_seq=item.leaf_seq)
    blocks = hide_model(get_blocks(branch if current is None else _until(branch, current)), current)
    return Workspace(
        item=item,
        case=item.trajectory.case,
        content=item.rubric_version.read(),
        labels=labels,
        draft=draft,
        reservation=Reservation.objects.filter(item=item, reviewer=draft.reviewer).first(),
        step="second" if second else "trajectory" if over else "turn",
        current=current,
        blocks=blocks,
        turns=_judged(blocks, labels),
        truth=tell_truth(item.trajectory.case) if second else None,
        training=item.kind == ReviewItem.Kind.TRAINING,
    )


def get_judgement(*, user: Any, item_id: UUID) -> Judgement:
    """The latest revision of this person's own. Raises ``Annotation.DoesNotExist``."""
    mine = Annotation.objects.select_related("item__rubric_version", "item__trajectory__case").filter(
        reviewer__user=user, item=item_id, stage=Pass.SECOND
    )
    annotation = mine.order_by("-revision").first()
    if annotation is None:
        raise Annotation.DoesNotExist
    item = annotation.item
    labels = Labels.model_validate(annotation.labels)
    reference = Labels.model_validate(item.reference) if item.kind == ReviewItem.Kind.TRAINING else None
    blocks = hide_model(get_blocks(get_branch(trajectory_id=item.trajectory_id, leaf_seq=item.leaf_seq)))
    agreement = None
    if reference is not None:
        blind = Annotation.objects.get(item=item, reviewer=annotation.reviewer_id, revision=1)
        agreement = compare_labels(Labels.model_validate(blind.labels), reference)
    return Judgement(
        item=item,
        case=item.trajectory.case,
        content=item.rubric_version.read(),
        annotation=annotation,
        blocks=blocks,
        turns=_judged(blocks, labels, reference),
        labels=labels,
        truth=tell_truth(item.trajectory.case),
        agreement=agreement,
        reference_comment=reference.trajectory.comment if reference else "",
    )


def _until(branch: Sequence[TrajectoryNode], number: int) -> list[TrajectoryNode]:
    """Up to this turn, without what the case answered to it."""
    shown: list[TrajectoryNode] = []
    for node in branch:
        shown.append(node)
        if node.kind == TURN and node.content["number"] == number:
            break
    return shown


def hide_model(blocks: Iterable[Block], current: int | None = None) -> tuple[Block, ...]:
    """Without the model's name, which would be judged along, and the turn to be judged without what we say of it."""
    shown = []
    for block in blocks:
        if isinstance(block, TurnBlock):
            rows = block.differential
            if block.number == current:
                rows = tuple(replace(row, unsupported=False) for row in rows)
            block = replace(block, model_label="", differential=rows)
        shown.append(block)
    return tuple(shown)


def _judged(blocks: Iterable[Block], labels: Labels, reference: Labels | None = None) -> tuple[JudgedTurn, ...]:
    turns = (block for block in blocks if isinstance(block, TurnBlock))
    return tuple(
        JudgedTurn(each.number, labels.of(each.number), each, reference.of(each.number) if reference else None)
        for each in turns
    )


def tell_truth(case: Case) -> Truth:
    """What the case was. Only for those who have judged it, or decide."""
    known = DomainCase.from_dict(case.payload)
    return Truth(known.diagnosis.text, known.diagnosis.aliases, known.teaching_points)
