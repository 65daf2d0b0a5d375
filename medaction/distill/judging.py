"""A stored tree scored and pruned: what the command and the jobs of the web app both call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from medaction.domain.case import Case
from medaction.metrics import BranchScore, BranchScorer

from .pruning import BranchVerdict, Thresholds, prune
from .record import TreeRecord


@dataclass(frozen=True, slots=True)
class TreeScores:
    """A line of ``scores.jsonl``: the scores of a tree's branches, in the order of its leaves."""

    case: str
    policy: str
    branches: tuple[BranchScore, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"case": self.case, "policy": self.policy, "branches": [score.to_dict() for score in self.branches]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TreeScores":
        return cls(data["case"], data["policy"], tuple(map(BranchScore.from_dict, data["branches"])))


@dataclass(frozen=True, slots=True)
class TreeVerdicts:
    """A line of ``verdicts.jsonl``: one verdict for each score."""

    case: str
    policy: str
    verdicts: tuple[BranchVerdict, ...]
    thresholds: Thresholds

    def to_dict(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "policy": self.policy,
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            "thresholds": self.thresholds.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TreeVerdicts":
        verdicts = tuple(map(BranchVerdict.from_dict, data["verdicts"]))
        return cls(data["case"], data["policy"], verdicts, Thresholds(**data["thresholds"]))


def score_tree_record(record: TreeRecord, case: Case, scorer: BranchScorer) -> TreeScores:
    """Merged siblings are no branches of their own. Raises ``TreeError`` for a tree that is not whole."""
    leaves = [leaf.seq for leaf, _ in record.branches()]
    return TreeScores(record.case, record.policy, tuple(scorer.score_leaves(record.tree(), leaves, case)))


def prune_tree_record(scores: TreeScores, thresholds: Thresholds | None = None) -> TreeVerdicts:
    chosen = thresholds or Thresholds()
    return TreeVerdicts(scores.case, scores.policy, prune_all(scores.branches, chosen), chosen)


def prune_all(scores: Sequence[BranchScore], thresholds: Thresholds) -> tuple[BranchVerdict, ...]:
    return tuple(prune(score, thresholds) for score in scores)
