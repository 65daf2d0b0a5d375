"""Adding one turn to a walkthrough, whoever took it, with what the environment says to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from diagnosis.models import Session, TrajectoryNode
from diagnosis.selectors.branch import get_branch
from diagnosis.services.nodes import append_node, next_seq
from diagnosis.services.planning import load_case, replay
from medaction.domain.actions import Turn
from medaction.domain.environment import Environment, StepResult
from medaction.domain.tree import NodeKind


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a trajectory: the nodes that lead there, and the environment as it stands there."""

    branch: Sequence[TrajectoryNode]
    environment: Environment


def stand_at(session: Session, seq: int) -> Place:
    """The place after node ``seq`` of the session's trajectory."""
    trajectory = session.trajectory
    branch = get_branch(trajectory_id=trajectory.pk, leaf_seq=seq)
    return Place(branch, replay(load_case(session.case_id), trajectory.settings["environment"], branch))


def append_turn(
    session: Session, place: Place, turn: Turn, content: dict[str, Any], *, sampled: bool
) -> tuple[StepResult, int]:
    """Append the turn and its answer, and move the session's leaf there. Returns the step and the turn's node number.

    The caller holds the session's lock and saves the session (:func:`settle_session`).
    """
    trajectory = session.trajectory
    result = place.environment.step(turn.action if turn.valid else None)
    seq = next_seq(trajectory)
    node = append_node(trajectory, seq, place.branch[-1], NodeKind.TURN, content, sampled=sampled)
    session.leaf_seq = node.seq
    if not result.terminated:
        observed = append_node(
            trajectory, seq + 1, node, NodeKind.OBSERVATION, result.observation.to_dict(), sampled=False
        )
        session.leaf_seq = observed.seq
    return result, node.seq


def describe_turn(
    *, number: int, text: str, turn: Turn, model: str, model_label: str, rejected_text: str | None = None, **more: Any
) -> dict[str, Any]:
    """The content of a turn's node. ``number`` is 2 for the first turn; ``model`` is the key of who took it."""
    return {
        "number": number,
        "text": text,
        "turn": turn.to_dict(),
        "problems": list(turn.problems),
        "format_failure": not turn.valid,
        "repaired": rejected_text is not None,
        "rejected_text": rejected_text,
        "model": model,
        "model_label": model_label,
        **more,
    }


def settle_session(session: Session, result: StepResult) -> None:
    """Store where the walkthrough stands after a step, and that it ended if it did."""
    fields = ["leaf_seq"]
    if result.terminated or result.truncated:
        session.state = Session.State.TERMINATED if result.terminated else Session.State.TRUNCATED
        session.ended_at = timezone.now()
        fields += ["state", "ended_at"]
    session.save(update_fields=fields)
