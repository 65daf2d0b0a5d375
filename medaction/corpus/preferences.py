"""Sibling turns of which one is better, with the messages that both answer."""

from collections.abc import Sequence
from typing import Any

from medaction.distill.judging import TreeVerdicts
from medaction.distill.preferences import preference_pairs
from medaction.distill.record import TreeRecord
from medaction.formats.training import BranchMaterial, Preference
from medaction.metrics import BranchScore


def list_preferences(
    record: TreeRecord, branches: Sequence[BranchMaterial], scored: Sequence[dict[str, Any]], pruned: TreeVerdicts
) -> tuple[Preference, ...]:
    """``scored``: the scores of the tree's branches, as stored."""
    scores = tuple(map(BranchScore.from_dict, scored))
    told = {turn.seq: (branch, turn) for branch in branches for turn in branch.turns}
    found: list[Preference] = []
    for pair in preference_pairs(record, scores, pruned.verdicts):
        branch, chosen = told[pair.chosen]
        _, rejected = told[pair.rejected]
        prompt = branch.messages[: chosen.message]
        found.append(
            Preference(prompt, chosen.text, rejected.text, pair.margin, pair.reason, pair.chosen, pair.rejected)
        )
    return tuple(found)
