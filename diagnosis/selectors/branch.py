"""The path from the first observation to the place that a walkthrough has reached."""

from collections.abc import Sequence
from uuid import UUID

from diagnosis.models import TrajectoryNode
from medaction.domain.actions import Action, FinalDiagnosis, action_from_dict

OBSERVATION = TrajectoryNode.Kind.OBSERVATION
TURN = TrajectoryNode.Kind.TURN


def get_branch(*, trajectory_id: UUID, leaf_seq: int) -> list[TrajectoryNode]:
    """Nodes from the root to ``leaf_seq``, in one query."""
    nodes = {node.seq: node for node in TrajectoryNode.objects.filter(trajectory_id=trajectory_id, seq__lte=leaf_seq)}
    path: list[TrajectoryNode] = []
    seq: int | None = leaf_seq
    while seq is not None:
        path.append(nodes[seq])
        seq = nodes[seq].parent_seq
    return path[::-1]


def get_whole_path(trajectory_id: UUID) -> list[TrajectoryNode]:
    """Every node of a trajectory that never branches, in order."""
    return list(TrajectoryNode.objects.filter(trajectory_id=trajectory_id).order_by("seq"))


def get_final_diagnosis(trajectory_id: UUID) -> str:
    """What the newest turn committed to; empty when it was no diagnosis."""
    turns = TrajectoryNode.objects.filter(trajectory_id=trajectory_id, kind=TURN)
    newest = turns.order_by("-seq").first()
    action = action_of(newest) if newest else None
    return action.dx if isinstance(action, FinalDiagnosis) else ""


def list_actions(branch: Sequence[TrajectoryNode]) -> list[Action | None]:
    """What the environment is to be replayed with; None for a turn that could not be read."""
    return [action_of(node) for node in branch if node.kind == TURN]


def action_of(node: TrajectoryNode) -> Action | None:
    """A turn's action. None unless the turn was valid: an action that broke the rules was not carried out."""
    if node.content["format_failure"]:
        return None
    return action_from_dict(node.content["turn"]["action"])
