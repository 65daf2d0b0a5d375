"""What stands beside the tree: one turn with its values, and how each branch through it was decided."""

from dataclasses import dataclass
from typing import Any

from datasets.selectors.trees import BranchSheet, TreeSheet
from diagnosis.models import TrajectoryNode
from medaction.metrics import TurnScore


@dataclass(frozen=True, slots=True)
class Card:
    """``turn`` is None at the root. ``results`` are what the environment answered; ``score`` that of this turn.

    ``siblings``: how many other turns answer the same.
    """

    seq: int
    number: int | None
    turn: dict[str, Any] | None
    content: dict[str, Any]
    results: list[dict[str, Any]]
    presentation: str
    score: TurnScore | None
    branches: list[BranchSheet]
    reason: str
    siblings: int


def fill_card(sheet: TreeSheet, seq: int) -> Card:
    node = sheet.nodes[seq]
    through = [branch for branch in sheet.branches if seq in branch.path]
    answers = [
        each for each in sheet.nodes.values() if each.parent_seq == seq and each.kind != TrajectoryNode.Kind.TURN
    ]
    is_turn = seq in sheet.numbers
    # A turn's score is the same in all branches through it, but for "divergent", which reads the turn after.
    scores = [score for branch in through if (score := branch.turn(seq, sheet.numbers))]
    return Card(
        seq=seq,
        number=sheet.numbers.get(seq),
        turn=node.content["turn"] if is_turn else None,
        content=node.content if is_turn else {},
        results=[result for answer in answers for result in answer.content["results"]] if is_turn else [],
        presentation="" if is_turn else "".join(segment["text"] for segment in node.content["segments"]),
        score=scores[0] if scores else None,
        branches=through,
        reason=sheet.reasons.get(seq, ""),
        siblings=sum(is_turn and sheet.nodes[other].parent_seq == node.parent_seq for other in sheet.numbers) - is_turn,
    )
