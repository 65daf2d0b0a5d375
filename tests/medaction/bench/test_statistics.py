"""Intervals and tests against values worked out by hand or published."""

from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.bench.statistics import correct_holm, estimate, estimate_gap, mcnemar
from medaction.metrics.interval import bootstrap_interval


def test_singletons_give_the_plain_bootstrap() -> None:
    values = [1.0] * 57 + [0.0] * 50
    found = estimate(values, range(107), seed=4)
    assert tuple(found["ci"]) == bootstrap_interval(values, seed=4)
    assert (found["value"], found["n"], found["missing"]) == (0.5327, 107, 0)


def test_the_interval_is_near_the_normal_one() -> None:
    found = estimate([1.0] * 300 + [0.0] * 700, range(1000))
    half = 1.96 * sqrt(0.3 * 0.7 / 1000)
    assert found["ci"] == pytest.approx([0.3 - half, 0.3 + half], abs=0.003)


def test_none_of_many_is_not_certainly_none() -> None:
    """Clopper-Pearson for 0 of 107 and 20 of 20: by R's ``binom.test``, 0 to 0.0339 and 0.8316 to 1."""
    assert estimate([0.0] * 107, range(107), share=True)["ci"] == [0.0, 0.0339]
    assert estimate([1.0] * 20, range(20), share=True)["ci"] == [0.8316, 1.0]
    assert estimate([0.0] * 107, [place % 20 for place in range(107)], share=True)["ci"] == [0.0, 0.1684]
    assert estimate([2.0] * 5, range(5))["ci"] == [2.0, 2.0]


def test_groups_are_resampled_whole() -> None:
    """100 cases of 10 patients who are always alike are 10 observations."""
    values = [float(group < 5) for group in range(10) for _ in range(10)]
    alone = estimate(values, range(100))["ci"]
    grouped = estimate(values, [place // 10 for place in range(100)])["ci"]
    assert (grouped[1] - grouped[0]) / (alone[1] - alone[0]) == pytest.approx(sqrt(10), rel=0.15)


def test_unknown_is_left_out_and_counted() -> None:
    assert estimate([None, None], [1, 2]) == {"value": None, "n": 0, "ci": None, "missing": 2}
    found = estimate([0.5, None, 1.0], [1, 2, 3])
    assert (found["value"], found["n"], found["missing"]) == (0.75, 2, 1)


def test_weights_pool_hits_over_totals() -> None:
    found = estimate([1.0, 0.0, 8.0], [1, 2, 3], weights=[2.0, 0.0, 10.0])
    assert (found["value"], found["n"], found["missing"]) == (0.75, 12, 1)


def test_blocks_do_not_change_the_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random(50).tolist()
    whole = estimate(values, range(50), seed=2)
    monkeypatch.setattr("medaction.bench.statistics._BLOCK", 700)
    assert estimate(values, range(50), seed=2) == whole


def test_the_gap_of_pooled_shares() -> None:
    """30 of 100 against 10 of 50 in 50 cases; independent, so its interval is near the normal one."""
    first = [(1.0, 2.0)] * 30 + [(0.0, 2.0)] * 20
    second = [(1.0, 1.0) if place % 5 == 0 else (0.0, 1.0) for place in range(50)]
    found = estimate_gap(first, second, range(50))
    assert (found["first"], found["second"], found["difference"]) == (0.3, 0.2, 0.1)
    assert (found["n"], found["n_second"]) == (100, 50)
    half = 1.96 * sqrt(0.25 * 0.6 * 0.4 / 50 + 0.2 * 0.8 / 50)
    assert found["ci"] == pytest.approx([0.1 - half, 0.1 + half], abs=0.02)
    same = estimate_gap(first, first, range(50))
    assert (same["difference"], same["ci"]) == (0.0, [0.0, 0.0])
    assert estimate_gap([], [], [])["difference"] is None


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [
        (0, 0, 1.0),
        (5, 5, 1.0),
        (0, 6, 2 / 64),
        (10, 1, 2 * 12 / 2**11),
        # Fay (2010), exact2x2: 9 against 1 discordant pairs give 0.02148.
        (9, 1, 0.021484375),
    ],
)
def test_mcnemar(first: int, second: int, p: float) -> None:
    assert mcnemar(first, second) == pytest.approx(p)
    assert mcnemar(second, first) == mcnemar(first, second)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_the_two_sided_binomial(first: int, second: int) -> None:
    n, least = first + second, max(first, second)
    upper = sum(comb(n, k) for k in range(least, n + 1)) / 2**n
    assert mcnemar(first, second) == pytest.approx(min(1.0, 2 * upper))


def test_holm_against_its_worked_example() -> None:
    """As R's ``p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")``."""
    assert correct_holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert correct_holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_only_ever_raises_and_keeps_order(ps: list[float]) -> None:
    adjusted = correct_holm(ps)
    assert all(p <= a <= min(1.0, len(ps) * p) + 1e-12 for p, a in zip(ps, adjusted, strict=True))
    ranked = sorted(zip(ps, adjusted, strict=True))
    assert [a for _, a in ranked] == sorted(adjusted)
