"""Means, pooled shares and calibration, worked out by hand."""

from dataclasses import replace

import pytest

from medaction.metrics import BranchScore, Ratio
from medaction.metrics.aggregate import MixedScoresError, compare_accuracy, pool, summarise_scores

PLAIN = BranchScore(None, "1", "graph", None, None, None, None, None)


def test_a_missing_value_is_left_out_and_never_zero() -> None:
    scores = [replace(PLAIN, dtc=0.5), replace(PLAIN, dtc=1.0), PLAIN]
    summary = summarise_scores(scores)
    assert summary["dtc"]["mean"] == 0.75
    assert (summary["dtc"]["n"], summary["dtc"]["missing"]) == (2, 1)
    assert summary["rac"] == {"mean": None, "n": 0, "ci": None, "missing": 3}
    assert summary["metric_version"] == "1"
    assert summarise_scores([])["n"] == 0


def test_shares_are_pooled_by_their_counts() -> None:
    pooled = pool([Ratio(1, 1), Ratio(0, 9), Ratio(0, 0)], ["a", "b", "c"])
    assert (pooled["value"], pooled["hits"], pooled["of"]) == (0.1, 1.0, 10.0)
    assert pool([Ratio(0, 0)], ["a"])["value"] is None


def test_branches_of_one_case_do_not_narrow_the_interval() -> None:
    ratios = [Ratio(place % 2, 1) for place in range(40) for _ in range(10)]
    by_case = pool(ratios, [place for place in range(40) for _ in range(10)])["ci"]
    alone = pool(ratios, range(400))["ci"]
    assert by_case[1] - by_case[0] > 2.5 * (alone[1] - alone[0])


def test_scores_of_different_graphs_have_no_mean() -> None:
    with pytest.raises(MixedScoresError, match="score the branches again"):
        summarise_scores([PLAIN, replace(PLAIN, graph="another")])


def test_calibration() -> None:
    stated = [(0.9, 1.0), (0.9, 0.0), (0.2, 0.0), (0.2, 0.0)]
    scores = [replace(PLAIN, measures={"top1_p": p, "top1_correct": right, "truth_p": p}) for p, right in stated]
    calibration = summarise_scores([*scores, PLAIN])["calibration"]
    assert calibration["brier"] == pytest.approx((0.01 + 0.81 + 0.04 + 0.04) / 4)
    assert calibration["ece"] == pytest.approx((abs(1.8 - 1.0) + abs(0.4 - 0.0)) / 4)
    assert (calibration["n"], calibration["missing"]) == (4, 1)


def test_what_asking_costs() -> None:
    static = {"a": True, "b": True, "c": False, "d": True}
    active = {"a": True, "b": False, "c": False, "e": True}
    gap = compare_accuracy(static, active)
    assert (gap["difference"], gap["n"]) == (round(1 / 3, 4), 3)
