"""Bradley-Terry with ties and covariates: closed forms, recovery, laws, and what has no ranking."""

from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaction.agreement import Comparison, Outcome, length_difference, rank_pairs
from medaction.agreement.ranking import NoRanking

FIRST, SECOND, TIE = Outcome.FIRST, Outcome.SECOND, Outcome.TIE


def told(first: str, second: str, wins: int, losses: int, ties: int = 0) -> list[Comparison]:
    outcomes = [FIRST] * wins + [SECOND] * losses + [TIE] * ties
    return [Comparison(first, second, outcome) for outcome in outcomes]


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 30))
def test_of_two_the_closed_form(wins: int, losses: int, ties: int) -> None:
    """Davidson (1970): the ratio of strengths is that of the wins, and ν = ties / √(wins · losses)."""
    found = rank_pairs(told("a", "b", wins, losses, ties), resamples=0)
    assert found.strengths["a"].value - found.strengths["b"].value == pytest.approx(log(wins / losses), abs=1e-6)
    assert sum(one.value for one in found.strengths.values()) == pytest.approx(0, abs=1e-9)
    if ties:
        assert found.ties.value == pytest.approx(ties / sqrt(wins * losses), rel=1e-6)
    else:
        assert found.ties is None


def simulate(count: int, strengths: dict[str, float], ties: float, effect: float, seed: int) -> list[Comparison]:
    generator = np.random.default_rng(seed)
    names = list(strengths)
    found = []
    for item in range(count):
        first, second = generator.choice(names, 2, replace=False)
        length = float(generator.normal())
        half = (strengths[first] - strengths[second] + effect * length) / 2
        odds = np.array([exp(half), ties, exp(-half)])
        outcome = (FIRST, TIE, SECOND)[generator.choice(3, p=odds / odds.sum())]
        found.append(Comparison(str(first), str(second), outcome, {"length": length}, group=item // 2))
    return found


def test_what_was_put_in_comes_out() -> None:
    true = {"a": 1.0, "b": 0.2, "c": -0.3, "d": -0.9}
    found = rank_pairs(simulate(3000, true, ties=0.8, effect=0.7, seed=1), resamples=120, seed=2)
    assert list(found.strengths) == ["a", "b", "c", "d"]
    for name, strength in true.items():
        low, high = found.strengths[name].interval
        assert low < strength < high
        assert high - low < 0.4
    assert found.effects["length"].value == pytest.approx(0.7, abs=0.1)
    assert found.effects["length"].interval[0] > 0
    assert found.ties.value == pytest.approx(0.8, abs=0.1)
    assert (found.n, found.resamples, found.reason) == (3000, 120, None)


def test_length_no_longer_passes_for_quality() -> None:
    """The longer answer is preferred and `wordy` is always longer; of equal worth, as the covariate shows."""
    generator = np.random.default_rng(5)
    comparisons = []
    for _ in range(1500):
        length = float(generator.uniform(-0.2, 0.8))
        p = 1 / (1 + exp(-2 * length))
        comparisons.append(
            Comparison("wordy", "terse", FIRST if generator.random() < p else SECOND, {"length": length})
        )
    plain = [Comparison(one.first, one.second, one.outcome) for one in comparisons]
    naive = rank_pairs(plain, resamples=0).strengths
    fair = rank_pairs(comparisons, resamples=0)
    assert naive["wordy"].value - naive["terse"].value > 0.4
    assert abs(fair.strengths["wordy"].value - fair.strengths["terse"].value) < 0.25
    assert fair.effects["length"].value == pytest.approx(2, abs=0.5)


connected = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.sampled_from(Outcome)), max_size=25)
MIRRORED = {FIRST: SECOND, SECOND: FIRST, TIE: TIE}


@settings(deadline=None)
@given(connected, st.randoms(use_true_random=False))
def test_order_and_side_do_not_matter(rows, random) -> None:
    comparisons = [Comparison(*row) for row in rows if row[0] != row[1]]
    mirrored = [Comparison(one.second, one.first, MIRRORED[one.outcome]) for one in comparisons]
    random.shuffle(mirrored)
    once, again = rank_pairs(comparisons, resamples=0), rank_pairs(mirrored, resamples=0)
    assert once.reason == again.reason
    assert {frozenset(group) for group in once.groups} == {frozenset(group) for group in again.groups}
    for name, one in once.strengths.items():
        assert one.value == pytest.approx(again.strengths[name].value, abs=1e-5)


@settings(deadline=None)
@given(connected)
def test_a_ranking_is_the_best_there_is_or_has_a_reason(rows) -> None:
    """At a maximum nobody is expected to win more, or less, than they did (ties count half)."""
    comparisons = [Comparison(*row) for row in rows if row[0] != row[1]]
    found = rank_pairs(comparisons, resamples=0)
    assert (found.reason is None) == bool(found.strengths)
    if found.reason is not None:
        return
    won = dict.fromkeys(found.strengths, 0.0)
    for one in comparisons:
        half = (found.strengths[one.first].value - found.strengths[one.second].value) / 2
        odds = exp(half), found.ties.value if found.ties else 0.0, exp(-half)
        expected = (odds[0] + odds[1] / 2) / sum(odds)
        got = {FIRST: 1.0, TIE: 0.5, SECOND: 0.0}[one.outcome]
        won[one.first] += got - expected
        won[one.second] -= got - expected
    assert max(map(abs, won.values())) < 1e-4


@pytest.mark.parametrize(
    ("comparisons", "reason", "groups"),
    [
        ([], NoRanking.NO_COMPARISONS, ()),
        (told("a", "b", 3, 2) + told("c", "d", 1, 4), NoRanking.DISCONNECTED, (("a", "b"), ("c", "d"))),
        (told("a", "b", 3, 2) + told("a", "c", 4, 0), NoRanking.SEPARATED, (("a", "b"), ("c",))),
        (told("a", "b", 0, 0, 5), NoRanking.ONLY_TIES, (("a", "b"),)),
    ],
)
def test_what_has_no_ranking_is_named(comparisons, reason: NoRanking, groups) -> None:
    found = rank_pairs(comparisons)
    assert (found.reason, found.groups, dict(found.strengths), found.ties) == (reason, groups, {}, None)


def test_a_covariate_that_tells_all_is_named() -> None:
    """Whoever stood first won: no strength can be told beside it."""
    comparisons = [Comparison("a", "b", FIRST, {"side": 1.0})] * 4 + [Comparison("b", "a", FIRST, {"side": 1.0})] * 4
    assert rank_pairs(comparisons).reason is NoRanking.COVARIATE
    with pytest.raises(ValueError, match="different covariates"):
        rank_pairs([*comparisons, Comparison("a", "b", FIRST)])
    with pytest.raises(ValueError, match="itself"):
        Comparison("a", "a", TIE)


def test_intervals_are_seeded_and_absent_where_resamples_fail() -> None:
    comparisons = told("a", "b", 12, 9, 4)
    assert rank_pairs(comparisons, seed=3, resamples=50) == rank_pairs(comparisons, seed=3, resamples=50)
    thin = rank_pairs(told("a", "b", 5, 1), resamples=100)
    assert thin.reason is None
    assert thin.resamples < 90
    assert thin.strengths["a"].interval is None


def test_length_difference() -> None:
    assert length_difference(300, 100) == 0.5
    assert length_difference(0, 0) == 0.0
