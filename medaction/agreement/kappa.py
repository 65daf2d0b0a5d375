"""Percent agreement, Cohen's kappa (1960) and Fleiss' kappa (1971), each with a jackknife interval over items."""

from collections.abc import Callable

import numpy as np

from .ratings import MISSING, Agreement, Array, Ratings, Undefined, Whole, why_undefined
from .resampling import as_float, jackknife, leave_out_means, number_groups, shared_counts, spread


def percent_agreement(ratings: Ratings) -> Agreement:
    """The share of pairs of ratings of one item that agree, averaged over items. Chance is not taken out."""
    counts = shared_counts(ratings.counts())
    reason = why_undefined(ratings, counts)
    if reason is not None and reason is not Undefined.ONE_CATEGORY:
        return Agreement(None, reason=reason)
    return percent_of_counts(counts, raters=int((ratings.codes != MISSING).any(1).sum()))


def percent_of_counts(counts: Whole, *, groups: Whole | None = None, raters: int = 0) -> Agreement:
    """The same of items × categories, as :func:`medaction.agreement.alpha.alpha_of_counts` takes them."""
    shared = counts.sum(1) >= 2
    numbered = number_groups(None if groups is None else groups[shared], int(shared.sum()))
    counts = counts[shared]
    if not len(counts):
        return Agreement(None, raters=raters, reason=Undefined.NO_SHARED_ITEM)
    shares = _agreeing(as_float(counts))
    value = float(shares.mean())
    interval, reason = spread(value, leave_out_means(shares, numbered), least=0.0)
    size = (len(counts), raters, int(counts.sum()))
    return Agreement(value, *size, interval=interval, reason=reason, groups=int(numbered.max()) + 1)


def cohen_kappa(ratings: Ratings) -> Agreement:
    """Of two raters, over the items that both rated. Raises ``ValueError`` for more raters."""
    if len(ratings.raters) > 2:
        raise ValueError(f"Cohen's kappa is of two raters, not {len(ratings.raters)}; Krippendorff's alpha takes more")
    both = (ratings.codes != MISSING).all(0) & (len(ratings.raters) == 2)
    size = int(both.sum())
    if (reason := why_undefined(ratings, shared_counts(ratings.counts()))) is not None:
        return Agreement(None, size, len(ratings.raters), 2 * size, reason=reason)
    one, other = ratings.codes[:, both]
    categories = len(ratings.categories)

    def kappa(kept: Array) -> float | None:
        table = np.zeros((categories, categories))
        np.add.at(table, (one[kept], other[kept]), 1)
        table /= table.sum()
        return _beyond_chance(float(np.trace(table)), float(table.sum(0) @ table.sum(1)))

    return _summarise(ratings, len(one), 2 * len(one), kappa)


def fleiss_kappa(ratings: Ratings) -> Agreement:
    """Of any number of raters, not always the same ones, as many for each item that has a rating."""
    counts = ratings.counts()
    counts = counts[counts.sum(1) > 0]
    reason = why_undefined(ratings, shared_counts(counts))
    if reason is None and len(set(counts.sum(1).tolist())) > 1:
        reason = Undefined.UNEQUAL_RATERS
    if reason is not None:
        return Agreement(None, len(counts), reason=reason)
    floats = as_float(counts)
    shares = _agreeing(floats)

    def kappa(kept: Array) -> float | None:
        used = floats[kept].sum(0)
        used = used / used.sum()
        return _beyond_chance(float(shares[kept].mean()), float(used @ used))

    return _summarise(ratings, len(counts), int(counts.sum()), kappa)


def _agreeing(counts: Array) -> Array:
    """For each item the share of its pairs that agree."""
    ratings = counts.sum(1)
    shares: Array = ((counts * (counts - 1)).sum(1)) / (ratings * (ratings - 1))
    return shares


def _beyond_chance(observed: float, expected: float) -> float | None:
    return None if expected >= 1 - 1e-12 else (observed - expected) / (1 - expected)


def _summarise(ratings: Ratings, items: int, compared: int, statistic: Callable[[Array], float | None]) -> Agreement:
    everything = np.ones(items, dtype=bool)
    raters = int((ratings.codes != MISSING).any(1).sum())
    value = statistic(everything)
    if value is None:
        return Agreement(None, items, raters, compared, reason=Undefined.ONE_CATEGORY)

    def without(item: int) -> float | None:
        kept = everything.copy()
        kept[item] = False
        return statistic(kept)

    interval, reason = jackknife(value, without, items)
    return Agreement(value, items, raters, compared, interval, reason)
