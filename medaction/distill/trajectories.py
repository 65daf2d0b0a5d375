"""What is left of a tree after pruning, each once: branches and prefixes as paths of nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

from medaction.domain.tree import Node, NodeKind

from .pruning import KEPT, BranchVerdict, Verdict
from .record import TreeRecord


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The path from the root to the last turn that is kept. ``leaves``: the branches that it is (the start) of."""

    nodes: tuple[Node, ...]
    verdict: Verdict
    leaves: tuple[int, ...]

    @property
    def turns(self) -> int:
        return sum(node.kind is NodeKind.TURN for node in self.nodes)


def list_trajectories(record: TreeRecord, verdicts: Sequence[BranchVerdict]) -> list[Trajectory]:
    """Retained branches and kept prefixes, in the order of their last node, each once.

    Branches cut at the same turn give one prefix. Where a prefix is also a retained branch, it is retained.
    """
    tree = record.tree()
    found: dict[int, list[BranchVerdict]] = {}
    for verdict in verdicts:
        if verdict.verdict in KEPT and verdict.leaf is not None:
            path = tree.branch(verdict.leaf)
            found.setdefault(_last_kept(path, verdict.kept), []).append(verdict)
    return [
        Trajectory(
            nodes=tree.branch(last),
            verdict=min((verdict.verdict for verdict in group), key=list(Verdict).index),
            leaves=tuple(verdict.leaf for verdict in group if verdict.leaf is not None),
        )
        for last, group in sorted(found.items())
    ]


def drop_contained(trajectories: Sequence[Trajectory]) -> list[Trajectory]:
    """Without those that are the beginning of another one: every turn is in at least one of the rest."""
    inner = {node.seq for one in trajectories for node in one.nodes[:-1]}
    return [one for one in trajectories if one.nodes[-1].seq not in inner]


def _last_kept(path: Sequence[Node], kept: int) -> int:
    turns = [node.seq for node in path if node.kind is NodeKind.TURN]
    return turns[kept - 1]
