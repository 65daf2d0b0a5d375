"""What a rubric means, with examples that adjudicators chose."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from diagnosis.models import TrajectoryNode
from diagnosis.selectors.shapes import TurnBlock
from diagnosis.selectors.walkthrough import get_blocks
from review.models import Exemplar, Reviewer, RubricVersion
from review.rules import PARTS, Labels, Point, RubricContent, TurnLabel, list_points
from review.selectors.queue import list_unseen
from review.selectors.workspace import hide_model


@dataclass(frozen=True, slots=True)
class Example:
    """A turn as its reviewers saw it, the label that counts, and what one learns from it."""

    exemplar: Exemplar
    case_title: str
    synthetic: bool
    block: TurnBlock
    turn: TurnLabel


@dataclass(frozen=True, slots=True)
class Explained:
    point: Point
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    points: tuple[Explained, ...]


@dataclass(frozen=True, slots=True)
class Guideline:
    """``withheld`` counts examples that this reader does not see yet: they may still have to judge those cases."""

    version: RubricVersion
    content: RubricContent
    sections: tuple[Section, ...]
    withheld: int


def list_versions() -> list[RubricVersion]:
    """Those in use or used, newest first."""
    versions = RubricVersion.objects.select_related("rubric__current").order_by("rubric__pk", "-number")
    return [each for each in versions if each.state == RubricVersion.State.LOCKED or each == each.rubric.current]


def get_guideline(*, version: RubricVersion, reader: Reviewer | None) -> Guideline:
    """Three queries. ``reader`` None: somebody who judges nothing and so sees every example."""
    content = version.read()
    found = list(_list_exemplars(version))
    open_cases = _open_cases(reader, found) if reader and found else set()
    shown = [each for each in found if each.adjudication.item.trajectory.case.group_key not in open_cases]
    examples = _make_examples(shown)
    by_part: dict[str, list[Explained]] = defaultdict(list)
    for point in list_points(content):
        by_part[point.part].append(Explained(point, tuple(examples.get(point.id, ()))))
    sections = tuple(Section(title, tuple(by_part[part])) for part, title in PARTS.items() if by_part[part])
    return Guideline(version, content, sections, withheld=len(found) - len(shown))


def _list_exemplars(version: RubricVersion) -> Iterable[Exemplar]:
    """Of decisions that count, by this version of the rubric."""
    current = Exemplar.objects.filter(
        adjudication__superseded_by__isnull=True, adjudication__item__rubric_version=version
    )
    case = "adjudication__item__trajectory__case"
    related = current.select_related("adjudication__annotation", case)
    return related.defer(f"{case}__payload", f"{case}__search")


def _open_cases(reader: Reviewer, exemplars: Sequence[Exemplar]) -> set[str]:
    """Groups of cases (an article, a patient) of which an item could still come to this reviewer."""
    groups = {each.adjudication.item.trajectory.case.group_key for each in exemplars}
    waiting = list_unseen(reader).filter(trajectory__case__group_key__in=groups)
    return set(waiting.values_list("trajectory__case__group_key", flat=True).distinct())


def _make_examples(exemplars: Sequence[Exemplar]) -> dict[str, list[Example]]:
    """By point."""
    nodes: dict[UUID, dict[int, TrajectoryNode]] = defaultdict(dict)
    wanted = {each.adjudication.item.trajectory_id for each in exemplars}
    for node in TrajectoryNode.objects.filter(trajectory__in=wanted) if wanted else ():
        nodes[node.trajectory_id][node.seq] = node
    made: dict[str, list[Example]] = defaultdict(list)
    for each in exemplars:
        item = each.adjudication.item
        case = item.trajectory.case
        block = _find_turn(nodes[item.trajectory_id], item.leaf_seq, each.turn_number)
        turn = Labels.model_validate(each.adjudication.annotation.labels).of(each.turn_number)
        made[each.point].append(Example(each, case.title, case.synthetic, block, turn))
    return made


def _find_turn(nodes: dict[int, TrajectoryNode], leaf: int, number: int) -> TurnBlock:
    path: list[TrajectoryNode] = []
    seq: int | None = leaf
    while seq is not None:
        path.append(nodes[seq])
        seq = nodes[seq].parent_seq
    blocks = hide_model(get_blocks(path[::-1]))
    return next(block for block in blocks if isinstance(block, TurnBlock) and block.number == number)
