"""What is kept of a tree, each path once, and the pairs of siblings that it teaches."""

from dataclasses import replace

import pytest

from medaction.distill.growing import grow_case
from medaction.distill.policies.policy import Reply, View
from medaction.distill.preferences import preference_pairs
from medaction.distill.pruning import BranchVerdict, Verdict, prune
from medaction.distill.record import TreeRecord
from medaction.distill.shape import GrowthConfig, TreeShape
from medaction.distill.trajectories import drop_contained, list_trajectories
from medaction.metrics import BranchScore
from tests.medaction.distill.made_scores import make_score, make_turn
from tests.medaction.distill.scripted_replies import SaidPolicy, diagnose, order
from tests.medaction.distill.small_cases import make_case


def say(view: View, place: int) -> Reply:
    """Two orders at the root; below each, a right and a wrong diagnosis."""
    if not view.steps:
        return [order("D-dimer"), order("CT pulmonary angiogram")][place]
    return [diagnose("Pulmonary embolism"), diagnose("Gout")][place]


@pytest.fixture
async def record() -> TreeRecord:
    """Nodes: 0; 1 (turn), 2; 3 (turn), 4; below 2 the leaves 5, 6; below 4 the leaves 7, 8."""
    record = await grow_case(make_case(), SaidPolicy(say), GrowthConfig(TreeShape(root=2)))
    assert [leaf.seq for leaf in record.leaves] == [5, 6, 7, 8]
    return record


def scored(*fates: str) -> tuple[list[BranchScore], list[BranchVerdict]]:
    """One branch a leaf: ``right``, ``wrong`` (kept up to its end), ``late`` (the end at fault), ``bad``, ``none``."""
    made = {
        "right": make_score([make_turn(2), make_turn(3)]),
        "wrong": make_score([make_turn(2), make_turn(3)], correct=False, dtc=0.7),
        "late": make_score([make_turn(2), make_turn(3, divergent=True)], correct=False, dtc=0.5),
        "bad": make_score([make_turn(2, divergent=True), make_turn(3)], correct=False, dtc=0.2, rac=0.6),
        "none": make_score([make_turn(2), make_turn(3)], dtc=None),
    }
    scores = [replace(made[fate], leaf=leaf) for leaf, fate in enumerate(fates, start=5)]
    return scores, [prune(score) for score in scores]


def test_branches_cut_at_one_turn_give_one_prefix(record: TreeRecord) -> None:
    _, verdicts = scored("right", "wrong", "late", "late")
    kept = list_trajectories(record, verdicts)
    assert [(one.nodes[-1].seq, one.verdict, one.leaves, one.turns) for one in kept] == [
        (1, Verdict.TRUNCATED, (6,), 1),
        (3, Verdict.TRUNCATED, (7, 8), 1),
        (5, Verdict.RETAINED, (5,), 2),
    ]
    # The prefix that ends at 1 is the beginning of the branch to 5.
    assert [one.nodes[-1].seq for one in drop_contained(kept)] == [3, 5]


def test_nothing_is_kept_of_what_is_rejected_or_cannot_be_judged(record: TreeRecord) -> None:
    _, verdicts = scored("bad", "bad", "none", "none")
    assert list_trajectories(record, verdicts) == []


def test_pairs_are_siblings_and_say_why(record: TreeRecord) -> None:
    scores, verdicts = scored("right", "late", "bad", "bad")
    pairs = preference_pairs(record, scores, verdicts)
    assert [(pair.parent, pair.chosen, pair.rejected, pair.margin) for pair in pairs] == [
        (0, 1, 3, 0.45),
        (2, 5, 6, 0.2),
    ]
    assert pairs[0].reason == (
        "This one leads to a retained branch (DTC 0.90, RAC 0.80); "
        "the other is not kept: the hypotheses leave the truth (DTC 0.20, RAC 0.60)."
    )
    tree = record.tree()
    assert all(tree[pair.chosen].parent_seq == tree[pair.rejected].parent_seq == pair.parent for pair in pairs)


def test_what_cannot_be_judged_is_in_no_pair(record: TreeRecord) -> None:
    scores, verdicts = scored("right", "none", "bad", "bad")
    # Node 1 has a branch below that is not known, so it cannot be held against node 3.
    assert preference_pairs(record, scores, verdicts) == []


def test_equals_and_small_margins_make_no_pair(record: TreeRecord) -> None:
    scores, verdicts = scored("right", "right", "right", "right")
    assert preference_pairs(record, scores, verdicts) == []
    scores, verdicts = scored("right", "late", "right", "late")
    assert [pair.margin for pair in preference_pairs(record, scores, verdicts)] == [0.2, 0.2]
    assert preference_pairs(record, scores, verdicts, least=0.21) == []
