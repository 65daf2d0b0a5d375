"""Paired comparisons, by hand."""

from typing import Any

import pytest

from medaction.bench.compare import CompareError, compare_runs


def _report(policy: str, ranks: list[int | None], **changes: Any) -> dict[str, Any]:
    cases = [
        {
            "id": f"c{place}",
            "case_hash": f"h{place}",
            "group": f"c{place}",
            "sample": 0,
            "rank": rank,
            "measures": {},
            "battery": {"placebo_rate": [place % 2, 1], "test_recall": [0, 0]},
            "given": "x",
            "p": 0.5 if rank else None,
            "truth_p": None,
            "dtc": None if place else 0.5,
            "rac": 1.0,
            "grounding": 1.0,
            "coverage": 1.0,
            "turns": 3,
            "cost": 100.0 * (place + 1),
        }
        for place, rank in enumerate(ranks)
    ]
    return {"policy": policy, "graph": "g", "metric_version": "2", "n": len(ranks), "cases": cases, **changes}


GOOD = _report("good", [1] * 8 + [None, 2])
BAD = _report("bad", [1, None, None, None, None, None, None, 2, 1, 2])


def test_one_pair() -> None:
    told = compare_runs([GOOD, BAD])
    (pair,) = told["pairs"]
    top1 = pair["figures"]["top1"]
    assert (pair["first"], pair["second"], told["n"], told["tests"]) == ("good", "bad", 10, 3)
    assert (top1["first"], top1["second"], top1["difference"], top1["n"]) == (0.8, 0.2, 0.6, 10)
    assert (top1["only_first"], top1["only_second"]) == (7, 1)
    assert top1["p"] == pytest.approx(2 * 9 / 256)
    assert top1["ci"][0] < 0.6 < top1["ci"][1]
    # top3: six against one, p = 2 * 8 / 128; top10 the same; Holm over three tests.
    ps = [pair["figures"][name]["p"] for name in ("top1", "top3", "top10")]
    assert ps[1] == ps[2] == pytest.approx(0.125)
    assert [pair["figures"][name]["p_holm"] for name in ("top1", "top3", "top10")] == pytest.approx(
        [3 * ps[0], 0.25, 0.25], abs=1e-6
    )
    assert pair["figures"]["cost"]["difference"] == 0.0
    assert (pair["figures"]["brier"]["difference"], pair["figures"]["brier"]["n"]) == (0.0, 3)
    placebo = pair["figures"]["placebo_rate"]
    assert (placebo["first"], placebo["difference"], placebo["n"], placebo["n_second"]) == (0.5, 0.0, 10, 10)
    assert (pair["figures"]["test_recall"]["difference"], pair["figures"]["test_recall"]["n"]) == (None, 0)
    assert (pair["figures"]["dtc"]["n"], pair["figures"]["truth_p"]["difference"]) == (1, None)


def test_three_runs_are_three_pairs_and_nine_tests() -> None:
    told = compare_runs([GOOD, BAD, _report("bad", [None] * 10, static=True)])
    assert [(pair["first"], pair["second"]) for pair in told["pairs"]] == [
        ("good", "bad"),
        ("good", "bad, all at once"),
        ("bad", "bad, all at once"),
    ]
    assert told["tests"] == 9
    assert told["settings"] == {"static": [None, None, True]}


def test_other_cases_are_refused_unless_forced() -> None:
    fewer = _report("fewer", [1] * 6)
    fewer["cases"][0]["case_hash"] = "changed"
    with pytest.raises(CompareError, match=r"good has 10; fewer has 6; 5 are in all of them, and 1 have the same id"):
        compare_runs([GOOD, fewer])
    assert compare_runs([GOOD, fewer], force_common=True)["n"] == 5
    with pytest.raises(CompareError, match="no case in common"):
        compare_runs([GOOD, _report("none", [])], force_common=True)


@pytest.mark.parametrize("name", ["graph", "metric_version"])
def test_other_yardsticks_are_refused(name: str) -> None:
    with pytest.raises(CompareError, match=name.replace("_", " ")):
        compare_runs([GOOD, _report("other", [1] * 10, **{name: "x"})], force_common=True)
    with pytest.raises(CompareError, match="two runs"):
        compare_runs([GOOD])


def test_samples_are_averaged_and_not_tested() -> None:
    """A case of two samples is one pair; McNemar's test needs yes or no."""
    twice = _report("twice", [1] * 10)
    twice["cases"] += [record | {"sample": 1, "rank": None} for record in twice["cases"]]
    (pair,) = compare_runs([GOOD, twice])["pairs"]
    assert pair["figures"]["top1"]["second"] == 0.5
    assert "p" not in pair["figures"]["top1"]
