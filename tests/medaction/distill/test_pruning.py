"""Verdicts: every rule of spec §4, its edge, and what is not assessable."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.distill.pruning import BranchVerdict, Rule, Thresholds, Verdict, prune
from medaction.metrics import BranchScore
from tests.medaction.distill.made_scores import make_score, make_turn

DIVERGENT, UPDATE, UNGROUNDED, UNREAD = {"divergent": True}, {"rac": 0.49}, {"grounding": 0.0}, {"stated": False}


def with_fault(at: int, **fault: Any) -> BranchScore:
    return make_score([make_turn(number, **(fault if number == at else {})) for number in (2, 3, 4)])


def test_a_branch_without_a_fault_and_with_the_right_end_is_retained_whole() -> None:
    verdict = prune(make_score())
    assert (verdict.verdict, verdict.t_star, verdict.rule, verdict.kept) == (Verdict.RETAINED, None, Rule.SOUND, 3)
    assert verdict.values == {
        "dtc": 0.9, "rac": 0.8, "grounding": 1.0, "coverage": 1.0, "correct": True, "turns": 3,
    }  # fmt: skip
    assert (verdict.leaf, verdict.metric_version, verdict.graph) == (7, "1", "g")


@pytest.mark.parametrize(
    ("fault", "rule"),
    [(DIVERGENT, Rule.DIVERGENT), (UPDATE, Rule.UPDATE), (UNGROUNDED, Rule.UNGROUNDED), (UNREAD, Rule.UNREAD)],
)
@pytest.mark.parametrize(("at", "expected", "kept"), [(2, "REJECTED", 0), (3, "TRUNCATED", 1), (4, "TRUNCATED", 2)])
def test_the_first_fault_decides_where_it_is_cut(
    fault: dict[str, Any], rule: Rule, at: int, expected: str, kept: int
) -> None:
    verdict = prune(with_fault(at, **fault))
    assert (verdict.verdict, verdict.t_star, verdict.rule, verdict.kept) == (Verdict(expected), at, rule, kept)
    assert set(verdict.values["at"]) == {"alignment", "rac", "grounding"}


def test_of_several_faults_the_first_turn_counts() -> None:
    turns = [make_turn(2), make_turn(3, **UNGROUNDED), make_turn(4, **DIVERGENT)]
    verdict = prune(make_score(turns))
    assert (verdict.t_star, verdict.rule) == (3, Rule.UNGROUNDED)


def test_what_is_none_in_a_turn_is_no_fault() -> None:
    turns = [make_turn(number, rac=None, grounding=None, divergent=None) for number in (2, 3)]
    assert prune(make_score(turns)).verdict is Verdict.RETAINED


@pytest.mark.parametrize(
    ("changed", "rule"),
    [({"dtc": 0.59}, Rule.LOW_DTC), ({"rac": 0.49}, Rule.LOW_RAC), ({"dtc": 0.6, "rac": 0.5}, None)],
)
def test_averages_below_the_thresholds_are_rejected_and_equal_ones_kept(
    changed: dict[str, float], rule: Rule | None
) -> None:
    verdict = prune(make_score(**changed))
    assert (verdict.verdict, verdict.rule) == ((Verdict.REJECTED, rule) if rule else (Verdict.RETAINED, Rule.SOUND))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"dtc": None}, Rule.NO_DTC),
        ({"rac": None}, Rule.NO_RAC),
        ({"dtc": None, "rac": None, "correct": None}, Rule.NO_DTC),
    ],
)
@pytest.mark.parametrize("at", [None, 2, 4])
def test_none_is_kept_apart_from_rejected_and_never_counts_as_zero(
    changed: dict[str, Any], rule: Rule, at: int | None
) -> None:
    score = make_score() if at is None else with_fault(at, **DIVERGENT)
    verdict = prune(replace(score, **changed))
    assert (verdict.verdict, verdict.rule, verdict.t_star, verdict.kept) == (Verdict.NOT_ASSESSABLE, rule, at, 0)


def test_a_wrong_end_keeps_the_turns_before_it_when_they_would_pass_alone() -> None:
    # Alignments 0.5, 0.6: DTC of the prefix is ½·0.6 + ½·1 = 0.8.
    good = [make_turn(2, alignment=0.5), make_turn(3, alignment=0.6), make_turn(4, alignment=0.6)]
    verdict = prune(make_score(good, correct=False, dtc=0.8))
    assert (verdict.verdict, verdict.rule, verdict.t_star, verdict.kept) == (
        Verdict.TRUNCATED, Rule.WRONG_END, 4, 2,
    )  # fmt: skip
    assert verdict.values["prefix"] == {"dtc": 0.8, "rac": 1.0}
    # One turn alone is as good as its alignment: 0.5 is not enough.
    verdict = prune(make_score(good[:2], correct=False, dtc=0.8))
    assert (verdict.verdict, verdict.rule, verdict.kept) == (Verdict.REJECTED, Rule.WRONG_END, 0)
    assert verdict.values["prefix"] == {"dtc": 0.5, "rac": 1.0}


def test_an_end_without_a_diagnosis_is_no_right_end() -> None:
    verdict = prune(make_score(correct=None))
    assert (verdict.verdict, verdict.rule, verdict.t_star, verdict.kept) == (Verdict.TRUNCATED, Rule.NO_END, 4, 2)


def test_a_wrong_diagnosis_in_the_first_turn_has_nothing_before_it() -> None:
    verdict = prune(make_score([make_turn(2)], correct=False))
    assert (verdict.verdict, verdict.rule, verdict.kept) == (Verdict.REJECTED, Rule.WRONG_END, 0)
    assert verdict.values["prefix"] == {"dtc": None, "rac": None}


@pytest.mark.parametrize("name", ["dtc", "rac", "turn_rac", "grounding"])
@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_threshold_outside_0_to_1_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"threshold {name} must be from 0 to 1"):
        Thresholds(**{name: value})


UNIT = st.one_of(st.none(), st.floats(0, 1))
TURNS = st.lists(
    st.builds(
        make_turn,
        st.just(0),
        alignment=UNIT,
        divergent=st.sampled_from([None, False, True]),
        rac=UNIT,
        grounding=UNIT,
        stated=st.booleans(),
    ),
    min_size=0,
    max_size=6,
).map(lambda turns: [replace(turn, number=number) for number, turn in enumerate(turns, start=2)])
SCORES = st.builds(
    lambda turns, **fields: replace(make_score(), turns=tuple(turns), **fields),
    TURNS,
    dtc=UNIT,
    rac=UNIT,
    correct=st.sampled_from([None, False, True]),
)


@given(SCORES, st.builds(Thresholds, *[st.floats(0, 1)] * 4))
def test_every_score_has_one_verdict_that_reads_back(score: BranchScore, thresholds: Thresholds) -> None:
    verdict = prune(score, thresholds)
    assert BranchVerdict.from_dict(verdict.to_dict()) == verdict
    assert 0 <= verdict.kept <= len(score.turns)
    assert bool(verdict.kept) == (verdict.verdict in (Verdict.RETAINED, Verdict.TRUNCATED) and bool(score.turns))
    if verdict.verdict is Verdict.TRUNCATED:
        assert verdict.t_star is not None
        assert verdict.kept <= verdict.t_star - 2


@given(SCORES, st.floats(0, 1), st.floats(0, 1))
def test_a_stricter_threshold_never_keeps_more_turns(score: BranchScore, one: float, other: float) -> None:
    loose, strict = sorted((one, other))
    for name in ("dtc", "rac", "turn_rac", "grounding"):
        kept = [prune(score, Thresholds(**{name: level})).kept for level in (loose, strict)]
        # A stricter turn threshold may move t* from a wrong end to an earlier turn, whose prefix is kept unasked.
        if not (name in ("turn_rac", "grounding") and kept[0] == 0):
            assert kept[1] <= kept[0]
