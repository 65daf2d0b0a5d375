"""Kappas, percent agreement, first-error distance and matrices, on published tables and by their laws."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaction.agreement import (
    Measure,
    Ratings,
    Undefined,
    cohen_kappa,
    compare_raters,
    compare_with_gold,
    find_first_error,
    first_error_distance,
    fleiss_kappa,
    krippendorff_alpha,
    percent_agreement,
)
from medaction.agreement.resampling import t_quantile

# The usual table of Fleiss' kappa: ten subjects, fourteen raters, five categories.
FLEISS = """0 0 0 0 14|0 2 6 4 2|0 0 3 5 6|0 3 9 2 0|2 2 8 1 1|7 7 0 0 0|3 2 6 3 0|2 5 3 2 2|6 5 2 1 0|0 2 2 3 7"""


def two_by_two(both: int, first: int, second: int, neither: int) -> Ratings:
    pairs = [(1, 1)] * both + [(1, 0)] * first + [(0, 1)] * second + [(0, 0)] * neither
    return Ratings((rater, item, pair[rater]) for item, pair in enumerate(pairs) for rater in (0, 1))


def test_cohen() -> None:
    """Twenty and fifteen agreed of fifty, five and ten not: kappa 0.4."""
    found = cohen_kappa(two_by_two(20, 5, 10, 15))
    assert found.value == pytest.approx(0.4)
    # Fleiss, Cohen and Everitt (1969) give 0.1286 as its large-sample error.
    low, high = found.interval
    assert (high - low) / 2 / t_quantile(0.975, 49) == pytest.approx(0.1286, abs=0.004)
    assert percent_agreement(two_by_two(20, 5, 10, 15)).value == pytest.approx(0.7)


def test_fleiss() -> None:
    triples = []
    for item, row in enumerate(FLEISS.split("|")):
        said = [category for category, count in enumerate(row.split()) for _ in range(int(count))]
        triples += [(rater, item, category) for rater, category in enumerate(said)]
    found = fleiss_kappa(Ratings(triples))
    assert found.value == pytest.approx(0.210, abs=5e-4)
    assert (found.items, found.ratings) == (10, 140)
    assert found.interval[0] < 0.21 < found.interval[1]


def test_kappas_name_what_they_cannot_tell() -> None:
    alike = Ratings((rater, item, 1) for rater, item in product("ab", range(5)))
    assert cohen_kappa(alike).reason is fleiss_kappa(alike).reason is Undefined.ONE_CATEGORY
    assert cohen_kappa(alike).value is fleiss_kappa(alike).value is None
    assert percent_agreement(alike).value == 1.0
    uneven = Ratings([("a", 1, 0), ("b", 1, 1), ("c", 1, 1), ("a", 2, 0), ("b", 2, 1)])
    assert fleiss_kappa(uneven).reason is Undefined.UNEQUAL_RATERS
    with pytest.raises(ValueError, match="two raters"):
        cohen_kappa(uneven)
    assert percent_agreement(Ratings([("a", 1, 1)])).reason is Undefined.ONE_RATER


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 8)] * 4))
def test_kappa_is_symmetric_and_near_alpha(counts) -> None:
    both, first, second, neither = counts
    once, again = (
        cohen_kappa(two_by_two(both, first, second, neither)),
        cohen_kappa(two_by_two(both, second, first, neither)),
    )
    assert once.reason == again.reason
    if once.value is None:
        return
    assert once.value == pytest.approx(again.value)
    assert -1 - 1e-9 <= once.value <= 1 + 1e-9
    # Alpha of two raters is Scott's pi with a correction that vanishes with 2n; Fleiss' kappa of two is Scott's pi.
    ratings = two_by_two(both, first, second, neither)
    pi, size = fleiss_kappa(ratings).value, 2 * sum(counts)
    assert krippendorff_alpha(ratings).value == pytest.approx(1 - (1 - pi) * (size - 1) / size)


def test_matrices() -> None:
    said = {"a": [1, 0, 1, 1, 0, None], "b": [1, 0, 0, 1, 0, 1], "c": [None, None, 1, None, None, None]}
    ratings = Ratings((rater, item, value) for rater, row in said.items() for item, value in enumerate(row))
    found = compare_raters(ratings)
    assert list(found) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found["a", "b"].items == 5
    assert found["a", "b"].value == pytest.approx((0.8 - 0.48) / 0.52)
    assert found["a", "c"].value is None
    gold = compare_with_gold(ratings, {0: 1, 1: 0, 2: 1, 3: 1}, Measure.PERCENT)
    assert gold["a"].value == 1.0
    assert gold["b"].value == 0.75
    assert gold["c"].items == 1
    assert compare_with_gold(ratings, {}, Measure.COHEN)["a"].reason is Undefined.NO_RATINGS


def test_first_error() -> None:
    assert find_first_error([1, None, 0, -1, -1]) == 3
    assert find_first_error([1, 1]) is None
    found = first_error_distance([(0, 0), (1, 2), (None, 3), (None, None), (0, None)], [4, 4, 4, 5, 4])
    assert found.turns == pytest.approx((0 + 1 + 1 + 0 + 4) / 5)
    assert (found.same, found.within_one, found.n) == (0.4, 0.8, 5)
    assert found.interval[0] >= 0
    assert first_error_distance([], []).reason is Undefined.NO_SHARED_ITEM
    with pytest.raises(ValueError, match="no turn 4"):
        first_error_distance([(4, 0)], [4])


@pytest.mark.parametrize(
    ("freedom", "table"), [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)]
)
def test_t(freedom: int, table: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(table, rel=0.01)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Two raters that each copy a fair coin nine times in ten: percent agreement 0.82 in the long run."""
    generator = np.random.default_rng(1)
    held = 0
    for _ in range(200):
        truth = generator.integers(0, 2, 60)
        said = [np.where(generator.random(60) < 0.9, truth, 1 - truth) for _ in "ab"]
        low, high = percent_agreement(
            Ratings((rater, item, int(row[item])) for rater, row in enumerate(said) for item in range(60))
        ).interval
        held += low <= 0.82 <= high
    # Of a share of 60 such an interval holds it 92 times in 100.
    assert 172 <= held <= 198
