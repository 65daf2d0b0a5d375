"""One grown tree as it is stored: a line of ``trees.jsonl``."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from medaction.domain.tree import Node, TrajectoryTree


class LeafEnd(StrEnum):
    """TERMINATED: a final diagnosis. TRUNCATED: the turns ran out. MERGED: like an earlier sibling, so not carried out.
    BUDGET: the tree's nodes or tokens were used up."""

    TERMINATED = "TERMINATED"
    TRUNCATED = "TRUNCATED"
    MERGED = "MERGED"
    BUDGET = "BUDGET"


@dataclass(frozen=True, slots=True)
class Leaf:
    """``seq``: the branch's last node, a turn after a final diagnosis or a merge, else an observation."""

    seq: int
    end: LeafEnd


@dataclass(frozen=True, slots=True)
class Rejection:
    """A node that is kept and not grown on."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class TreeRecord:
    """``seed`` is the tree's; ``usage`` counts turns, format failures, merged siblings and tokens."""

    case: str
    case_hash: str
    group: str
    policy: str
    seed: int
    nodes: tuple[Node, ...]
    leaves: tuple[Leaf, ...]
    rejected: tuple[Rejection, ...]
    usage: dict[str, int]

    def tree(self) -> TrajectoryTree:
        return TrajectoryTree(self.nodes)

    def branches(self) -> Iterator[tuple[Leaf, tuple[Node, ...]]]:
        """Every trajectory from the root to its leaf. Merged siblings are none of their own."""
        tree = self.tree()
        for leaf in self.leaves:
            if leaf.end is not LeafEnd.MERGED:
                yield leaf, tree.branch(leaf.seq)

    def to_dict(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "case_hash": self.case_hash,
            "group": self.group,
            "policy": self.policy,
            "seed": self.seed,
            "nodes": [node.to_dict() for node in self.nodes],
            "leaves": [{"seq": leaf.seq, "end": leaf.end.value} for leaf in self.leaves],
            "rejected": [{"seq": one.seq, "reason": one.reason} for one in self.rejected],
            "usage": self.usage,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TreeRecord":
        """The record that :meth:`to_dict` wrote. Raises ``KeyError`` or ``ValueError`` on anything else."""
        return cls(
            case=data["case"],
            case_hash=data["case_hash"],
            group=data["group"],
            policy=data["policy"],
            seed=data["seed"],
            nodes=tuple(map(Node.from_dict, data["nodes"])),
            leaves=tuple(Leaf(one["seq"], LeafEnd(one["end"])) for one in data["leaves"]),
            rejected=tuple(Rejection(one["seq"], one["reason"]) for one in data["rejected"]),
            usage=data["usage"],
        )
