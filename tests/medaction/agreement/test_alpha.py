"""Alpha against the published example, the reference implementation, and its own laws."""

from itertools import product

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaction.agreement import Level, Ratings, Undefined, alpha_of_counts, krippendorff_alpha

# Krippendorff (2011), section C: four observers, twelve units, with missing values.
PUBLISHED = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


def read(rows) -> Ratings:
    return Ratings(
        (rater, item, None if value == "." else int(value))
        for rater, row in enumerate(rows)
        for item, value in enumerate(row.split())
    )


@pytest.mark.parametrize(
    ("level", "published"), [(Level.NOMINAL, 0.743), (Level.ORDINAL, 0.815), (Level.INTERVAL, 0.849)]
)
def test_the_published_example(level: Level, published: float) -> None:
    found = krippendorff_alpha(read(PUBLISHED), level)
    assert found.value == pytest.approx(published, abs=5e-4)
    assert (found.items, found.raters, found.ratings) == (11, 4, 40)
    low, high = found.interval
    assert low < published < high <= 1


tables = st.integers(2, 4).flatmap(
    lambda raters: st.lists(
        st.lists(st.none() | st.integers(-1, 3), min_size=raters, max_size=raters), min_size=1, max_size=12
    )
)


def to_ratings(items) -> Ratings:
    return Ratings((rater, item, value) for item, row in enumerate(items) for rater, value in enumerate(row))


@settings(deadline=None)
@given(tables, st.sampled_from(Level))
def test_as_the_reference_implementation(items, level: Level) -> None:
    found = krippendorff_alpha(to_ratings(items), level)
    data = np.array([[np.nan if value is None else value for value in row] for row in items]).T
    compared = [[v for v in row if v is not None] for row in items]
    values = {value for row in compared if len(row) > 1 for value in row}
    if len(values) < 2:
        assert found.value is None
        assert found.reason in set(Undefined)
        return
    assert found.value == pytest.approx(krippendorff.alpha(reliability_data=data, level_of_measurement=level.value))
    assert found.value <= 1


@settings(deadline=None)
@given(tables, st.sampled_from(Level), st.randoms(use_true_random=False))
def test_neither_the_order_of_items_nor_of_raters_matters(items, level: Level, random) -> None:
    once = krippendorff_alpha(to_ratings(items), level)
    order = list(range(len(items[0])))
    random.shuffle(order)
    shuffled = [[row[rater] for rater in order] for row in items]
    random.shuffle(shuffled)
    again = krippendorff_alpha(to_ratings(shuffled), level)
    assert again.value == pytest.approx(once.value)
    assert again.reason == once.reason
    if once.interval:
        assert again.interval == pytest.approx(once.interval)


@settings(deadline=None)
@given(tables)
def test_names_of_categories_do_not_matter_when_nominal(items) -> None:
    renamed = [[None if value is None else f"c{-value}" for value in row] for row in items]
    once, again = krippendorff_alpha(to_ratings(items)), krippendorff_alpha(to_ratings(renamed))
    assert again.value == pytest.approx(once.value)


@pytest.mark.parametrize(
    ("triples", "reason"),
    [
        ([], Undefined.NO_RATINGS),
        ([("a", 1, None)], Undefined.NO_RATINGS),
        ([("a", 1, 1), ("a", 2, 0)], Undefined.ONE_RATER),
        ([("a", 1, 1), ("b", 2, 0)], Undefined.NO_SHARED_ITEM),
        ([(rater, item, 1) for rater, item in product("ab", range(9))], Undefined.ONE_CATEGORY),
        # Two categories, but only one among items that two have rated.
        ([("a", 1, 1), ("b", 1, 1), ("a", 2, 0)], Undefined.ONE_CATEGORY),
    ],
)
def test_what_cannot_be_told_is_named(triples, reason: Undefined) -> None:
    found = krippendorff_alpha(Ratings(triples))
    assert (found.value, found.interval, found.reason) == (None, None, reason)


def test_words_have_no_distance() -> None:
    ratings = Ratings([("a", 1, "harm"), ("b", 1, "none")])
    assert krippendorff_alpha(ratings, Level.ORDINAL).reason is Undefined.NOT_NUMBERS


def test_a_figure_may_have_no_interval() -> None:
    few = krippendorff_alpha(Ratings([("a", 1, 1), ("b", 1, 0), ("a", 2, 1), ("b", 2, 1)]))
    assert few.value is not None
    assert (few.interval, few.reason) == (None, Undefined.TOO_FEW_ITEMS)
    perfect = krippendorff_alpha(Ratings((r, i, i % 2) for r, i in product("ab", range(6))))
    assert (perfect.value, perfect.interval, perfect.reason) == (1.0, None, Undefined.NO_SPREAD)
    # Without the one item that differs there is one category left.
    lone = krippendorff_alpha(Ratings((r, i, int(i == 0)) for r, i in product("ab", range(6))))
    assert (lone.value, lone.reason) == (1.0, Undefined.RESAMPLES_UNDEFINED)


def test_two_answers_of_one_rater_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Ratings([("a", 1, 1), ("a", 1, 0)])
    with pytest.raises(ValueError, match="finite"):
        Ratings([("a", 1, float("nan"))])
    assert Ratings([("a", 1, 1), ("a", 1, 1)]).categories == (1,)


def test_of_counts_in_groups() -> None:
    """Without groups it is the same figure. With them one is left out at a time: copies do not make it surer."""
    generator = np.random.default_rng(3)
    truth = generator.integers(0, 3, 40)
    said = [np.where(generator.random(40) < 0.6, truth, generator.integers(0, 3, 40)).repeat(5) for _ in range(3)]
    counts = sum(np.eye(3, dtype=np.int64)[one] for one in said)
    triples = [(rater, item, int(value)) for rater, one in enumerate(said) for item, value in enumerate(one)]
    for level in Level:
        plain = krippendorff_alpha(Ratings(triples), level)
        found = alpha_of_counts(counts, level, np.arange(3.0), raters=3)
        assert found == plain
        groups = np.arange(200) // 5
        grouped = alpha_of_counts(counts, level, np.arange(3.0), groups=groups)
        assert (grouped.value, grouped.groups, found.groups) == (found.value, 40, 200)
        left = [
            krippendorff_alpha(Ratings(each for each in triples if each[1] // 5 != group), level).value
            for group in range(40)
        ]
        spread = np.sqrt(39 / 40 * ((left - np.mean(left)) ** 2).sum())
        assert grouped.interval[1] - grouped.value == pytest.approx(2.0227 * spread, rel=1e-3)
        assert grouped.interval[1] - grouped.value > 2 * (found.interval[1] - found.value)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([[1, 0], [0, 1]], Undefined.NO_SHARED_ITEM),
        ([[2, 0], [3, 0]], Undefined.ONE_CATEGORY),
        (np.zeros((0, 2)), Undefined.NO_SHARED_ITEM),
    ],
)
def test_counts_that_tell_nothing(counts, reason) -> None:
    found = alpha_of_counts(np.array(counts, dtype=np.int64), Level.NOMINAL)
    assert (found.value, found.reason) == (None, reason)


def test_groups_that_are_too_few_or_decide_all() -> None:
    counts = np.array([[2, 0], [1, 1], [0, 2], [2, 0]])
    few = alpha_of_counts(counts, Level.NOMINAL, groups=np.array([0, 0, 1, 1]))
    assert (few.interval, few.reason) == (None, Undefined.TOO_FEW_ITEMS)
    one_decides = alpha_of_counts(np.array([[2, 0], [1, 1], [2, 0], [2, 0]]), Level.NOMINAL)
    assert one_decides.reason is Undefined.RESAMPLES_UNDEFINED
