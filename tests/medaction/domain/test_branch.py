"""A branch read from nodes says what the nodes say, and refuses a path that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.domain.actions import FinalDiagnosis, TestOrder, Turn
from medaction.domain.branch import Branch
from medaction.domain.observation import Observation, Outcome, TestResult, split_segments
from medaction.domain.tree import NodeKind, TrajectoryTree, TreeError
from tests.medaction.domain.strategies import TURNS

FIRST = Observation("o1", segments=split_segments("A man coughs. He is hot."))


def answer(number: int) -> Observation:
    return Observation(f"r{number}", results=(TestResult(f"r{number}.1", "CRP", Outcome.UNAVAILABLE),))


def grow(turns: list[Turn], *, answered: bool) -> TrajectoryTree:
    tree = TrajectoryTree()
    last = tree.append(None, NodeKind.OBSERVATION, FIRST.to_dict())
    for number, turn in enumerate(turns, start=2):
        last = tree.append(last, NodeKind.TURN, {"number": number, "turn": turn.to_dict()}, sampled=True)
        if answered or number < len(turns) + 1:
            last = tree.append(last, NodeKind.OBSERVATION, answer(number).to_dict())
    return tree


@given(turns=st.lists(TURNS, max_size=4), answered=st.booleans())
def test_nodes_and_branch_agree(turns: list[Turn], answered: bool) -> None:
    tree = grow(turns, answered=answered)
    branch = Branch.from_nodes(tree.branch(len(tree) - 1))
    assert branch.turns == tuple(turns)
    assert branch.first == FIRST
    open_end = bool(turns) and not answered
    assert len(branch.observations) == len(turns) + 1 - open_end
    assert branch.steps == () or (branch.steps[-1].observation is None) == open_end
    assert branch.before(2) == Branch(FIRST)
    assert branch.before(99) == branch


def test_the_diagnosis_is_that_of_a_valid_last_turn() -> None:
    turns = [Turn(action=TestOrder(("CRP",))), Turn(action=FinalDiagnosis("Gout"))]
    tree = grow(turns, answered=False)
    whole = Branch.from_nodes(tree.branch(len(tree) - 1))
    assert whole.diagnosis == "Gout"
    assert whole.before(3).diagnosis is None
    broken = grow([Turn(action=FinalDiagnosis("Gout"), problems=("NOT_JSON",))], answered=False)
    assert Branch.from_nodes(broken.branch(1)).diagnosis is None


def test_what_is_no_branch_is_refused() -> None:
    tree = grow([Turn(action=TestOrder(("CRP",)))] * 2, answered=True)
    path = tree.branch(4)
    with pytest.raises(TreeError, match="at least its first observation"):
        Branch.from_nodes([])
    with pytest.raises(TreeError, match="node 2 does not follow"):
        Branch.from_nodes([path[0], *path[2:]])
    with pytest.raises(TreeError, match="node 1 does not follow"):
        Branch.from_nodes(path[1:])
    two_turns = TrajectoryTree()
    root = two_turns.append(None, NodeKind.OBSERVATION, FIRST.to_dict())
    turn = two_turns.append(root, NodeKind.TURN, {"turn": Turn().to_dict()})
    after = two_turns.append(turn, NodeKind.TURN, {"turn": Turn().to_dict()})
    with pytest.raises(TreeError, match="node 2 should be an observation"):
        Branch.from_nodes(two_turns.branch(after))
    hollow = TrajectoryTree()
    root = hollow.append(None, NodeKind.OBSERVATION, FIRST.to_dict())
    hollow.append(root, NodeKind.TURN, {"text": "no turn"})
    with pytest.raises(TreeError, match="node 1 holds no turn"):
        Branch.from_nodes(hollow.branch(1))
