"""Two branches side by side: how far they say the same, and what comes after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from diagnosis.models import TrajectoryNode
from diagnosis.selectors.branch import OBSERVATION, TURN
from review.models import Pair

Nodes = Sequence[TrajectoryNode]


@dataclass(frozen=True, slots=True)
class Ways:
    """A pair's two branches, whole, from the first observation."""

    pair: Pair
    first: Nodes
    second: Nodes

    @property
    def prefix(self) -> Nodes:
        return self.first[: self.pair.shared]


def count_shared(first: Nodes, second: Nodes) -> int:
    """How many nodes from the start say the same, up to an observation that both go on from; 0 where they do not.

    In one tree these are the same nodes. Over two trajectories they are equal in what was shown and answered, whoever
    answered.
    """
    longest = 0
    for place, (one, other) in enumerate(zip(first, second, strict=False), start=1):
        if _said(one) != _said(other):
            break
        if one.kind == OBSERVATION and place < min(len(first), len(second)):
            longest = place
    return longest


def turns_of(nodes: Nodes) -> list[TrajectoryNode]:
    return [node for node in nodes if node.kind == TURN]


def policy_of(turns: Nodes) -> str:
    """Who took these turns; several joined by ``+`` in their order, as when somebody corrected the first."""
    return " + ".join(dict.fromkeys(turn.content["model"] for turn in turns))


def list_ways(pairs: Iterable[Pair]) -> list[Ways]:
    """The branches of these pairs, in one query."""
    wanted = list(pairs)
    trajectories = {each for pair in wanted for each in (pair.first_trajectory_id, pair.second_trajectory_id)}
    nodes: dict[UUID, dict[int, TrajectoryNode]] = {each: {} for each in trajectories}
    for node in TrajectoryNode.objects.filter(trajectory__in=trajectories):
        nodes[node.trajectory_id][node.seq] = node
    return [
        Ways(
            pair,
            _branch(nodes[pair.first_trajectory_id], pair.first_leaf),
            _branch(nodes[pair.second_trajectory_id], pair.second_leaf),
        )
        for pair in wanted
    ]


def _branch(nodes: dict[int, TrajectoryNode], leaf: int) -> list[TrajectoryNode]:
    path: list[TrajectoryNode] = []
    seq: int | None = leaf
    while seq is not None:
        path.append(nodes[seq])
        seq = nodes[seq].parent_seq
    return path[::-1]


def _said(node: TrajectoryNode) -> Any:
    return node.content["text"] if node.kind == TURN else node.content
