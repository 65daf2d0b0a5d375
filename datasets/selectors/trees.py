"""One tree with everything that was decided about it."""

from dataclasses import dataclass
from uuid import UUID

from datasets.models import RunCase, Score, Selection, Verdict
from datasets.selectors.runs import get_selection
from diagnosis.models import TrajectoryNode
from medaction.metrics import BranchScore, TurnScore


@dataclass(frozen=True, slots=True)
class BranchSheet:
    """One branch: the path of node numbers, its score and its verdict; None where it was not scored."""

    leaf: int
    end: str
    path: tuple[int, ...]
    score: BranchScore | None
    verdict: Verdict | None

    def turn(self, seq: int, numbers: dict[int, int]) -> TurnScore | None:
        """The score of the turn at this node."""
        if self.score is None or seq not in self.path:
            return None
        return next((turn for turn in self.score.turns if turn.number == numbers.get(seq)), None)


@dataclass(frozen=True, slots=True)
class TreeSheet:
    """``numbers`` gives a turn's number by its node; ``reasons`` why a node was not grown on."""

    row: RunCase
    selection: Selection
    nodes: dict[int, TrajectoryNode]
    branches: tuple[BranchSheet, ...]
    numbers: dict[int, int]
    reasons: dict[int, str]


def get_tree(trajectory_id: UUID | str, selection_id: str | None = None) -> TreeSheet:
    """Five queries. Raises ``RunCase.DoesNotExist``, ``Selection.DoesNotExist``."""
    row = RunCase.objects.select_related("run", "case").defer("case__search").get(trajectory=trajectory_id)
    selection = get_selection(row.run, selection_id)
    nodes = {node.seq: node for node in TrajectoryNode.objects.filter(trajectory=trajectory_id).order_by("seq")}
    run = row.run
    scores = Score.objects.filter(
        trajectory=trajectory_id, metric_version=run.metric_version, graph_hash=run.graph_hash
    )
    by_leaf = {score.leaf_seq: score for score in scores}
    verdicts = {verdict.score_id: verdict for verdict in selection.verdicts.filter(score__trajectory=trajectory_id)}
    branches = tuple(_branch(leaf, nodes, by_leaf.get(leaf["seq"]), verdicts) for leaf in row.leaves)
    numbers = {seq: node.content["number"] for seq, node in nodes.items() if node.kind == TrajectoryNode.Kind.TURN}
    reasons = {rejected["seq"]: rejected["reason"] for rejected in row.rejected}
    return TreeSheet(row, selection, nodes, branches, numbers, reasons)


def _branch(
    leaf: dict, nodes: dict[int, TrajectoryNode], score: Score | None, verdicts: dict[int, Verdict]
) -> BranchSheet:
    path: list[int] = []
    seq: int | None = leaf["seq"]
    while seq is not None:
        path.append(seq)
        seq = nodes[seq].parent_seq
    read = BranchScore.from_dict(score.detail) if score else None
    return BranchSheet(leaf["seq"], leaf["end"], tuple(reversed(path)), read, verdicts.get(score.pk) if score else None)
