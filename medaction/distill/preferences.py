"""Pairs of siblings, one better than the other: two turns that answered the same view, for preference training."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from medaction.domain.tree import NodeKind
from medaction.metrics import BranchScore

from .pruning import BranchVerdict, Verdict
from .record import TreeRecord

LEAST_MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class PreferencePair:
    """Turn nodes below the same observation ``parent``. ``margin`` in 0 … 1; ``reason`` is a sentence."""

    parent: int
    chosen: int
    rejected: int
    margin: float
    reason: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "parent": self.parent,
            "chosen": self.chosen,
            "rejected": self.rejected,
            "margin": self.margin,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class _Fate:
    """The best that became of a turn. ``rank``: 2 it is in a retained branch, 1 in a kept prefix, 0 in neither."""

    rank: int
    worth: float
    verdict: BranchVerdict


def preference_pairs(
    record: TreeRecord,
    scores: Sequence[BranchScore],
    verdicts: Sequence[BranchVerdict],
    least: float = LEAST_MARGIN,
) -> list[PreferencePair]:
    """For every point with siblings, the best against each that is worse: kept against not kept, or retained against
    kept. Merged siblings and turns with a branch below that cannot be judged take no part.

    A turn's worth is the best mean of DTC and RAC among the branches through it; ``margin`` is the difference.
    """
    tree = record.tree()
    fates: dict[int, _Fate] = {}
    unknown: set[int] = set()
    for score, verdict in zip(scores, verdicts, strict=True):
        path = [node for node in tree.branch(score.leaf or 0) if node.kind is NodeKind.TURN]
        if verdict.verdict is Verdict.NOT_ASSESSABLE or score.dtc is None or score.rac is None:
            unknown.update(node.seq for node in path)
            continue
        worth = (score.dtc + score.rac) / 2
        for place, node in enumerate(path):
            rank = 0 if place >= verdict.kept else 2 if verdict.verdict is Verdict.RETAINED else 1
            fate = _Fate(rank, worth, verdict)
            if node.seq not in fates or (rank, worth) > (fates[node.seq].rank, fates[node.seq].worth):
                fates[node.seq] = fate
    siblings: dict[int, list[int]] = defaultdict(list)
    for seq in sorted(fates.keys() - unknown):
        siblings[tree[seq].parent_seq or 0].append(seq)
    return [pair for parent, group in sorted(siblings.items()) for pair in _pair(parent, group, fates, least)]


def _pair(parent: int, group: Sequence[int], fates: dict[int, _Fate], least: float) -> list[PreferencePair]:
    best = max(group, key=lambda seq: (fates[seq].rank, fates[seq].worth, -seq))
    pairs: list[PreferencePair] = []
    for other in group:
        margin = round(fates[best].worth - fates[other].worth, 4)
        if fates[best].rank > fates[other].rank and margin >= least:
            reason = f"This one {_told(fates[best])}; the other {_told(fates[other])}."
            pairs.append(PreferencePair(parent, best, other, margin, reason))
    return pairs


def _told(fate: _Fate) -> str:
    values = f"DTC {fate.verdict.values['dtc']:.2f}, RAC {fate.verdict.values['rac']:.2f}"
    if fate.rank == 2:
        return f"leads to a retained branch ({values})"
    if fate.rank == 1:
        return f"is kept, and turn {fate.verdict.t_star} is at fault ({values})"
    return f"is not kept: {_FAULTS.get(fate.verdict.rule.value, fate.verdict.rule.value)} ({values})"


_FAULTS = {
    "UNREAD": "no differential could be read",
    "DIVERGENT": "the hypotheses leave the truth",
    "UPDATE": "the changes are not supported by the evidence",
    "UNGROUNDED": "no ordered test bears on a hypothesis",
    "WRONG_END": "it ends wrong",
    "NO_END": "it ends without a diagnosis",
    "LOW_DTC": "the hypotheses do not converge",
    "LOW_RAC": "too few changes are supported",
}
