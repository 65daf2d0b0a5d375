"""Krippendorff's alpha: agreement beyond chance for any number of raters, with missing ratings.

Krippendorff, K. (2011), Computing Krippendorff's Alpha-Reliability; Content Analysis (2019), chapter 12.
"""

from enum import StrEnum

import numpy as np

from .ratings import Agreement, Array, Ratings, Undefined, Whole, why_undefined
from .resampling import as_float, number_groups, shared_counts, spread

CHUNK = 20_000


class Level(StrEnum):
    """How far apart two categories are: equal or not; by ranks between them; by the square of their difference."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


def krippendorff_alpha(ratings: Ratings, level: Level = Level.NOMINAL) -> Agreement:
    """1: perfect agreement, 0: as by chance, below 0: worse than chance; with a jackknife interval over items.

    Items with one rating tell nothing and are left out. None when all comparable ratings fall into one category: then
    nothing says that the raters would have seen a difference.
    """
    numbers = ratings.numbers
    if level is not Level.NOMINAL and numbers is None:
        return Agreement(None, reason=Undefined.NOT_NUMBERS)
    counts = shared_counts(ratings.counts())
    raters = int(((ratings.codes >= 0).sum(1) > 0).sum())
    if (reason := why_undefined(ratings, counts)) is not None:
        return Agreement(None, len(counts), raters, int(counts.sum()), reason=reason)
    return alpha_of_counts(counts, level, numbers, raters=raters)


def alpha_of_counts(
    counts: Whole, level: Level, scale: Array | None = None, *, groups: Whole | None = None, raters: int = 0
) -> Agreement:
    """The same of items × categories: how many raters said so. For more ratings than a table of raters can hold.

    ``scale``: the categories as numbers, ascending; needed for interval. ``groups``: for each item what it belongs to
    (as all turns of one case); the jackknife then leaves out a group at a time. ``raters`` is only passed on.
    """
    shared = counts.sum(1) >= 2
    numbered = number_groups(None if groups is None else groups[shared], int(shared.sum()))
    counts = counts[shared]
    size = (len(counts), raters, int(counts.sum()))
    if not len(counts):
        return Agreement(None, *size, reason=Undefined.NO_SHARED_ITEM)
    if (counts.sum(0) > 0).sum() < 2:
        return Agreement(None, *size, reason=Undefined.ONE_CATEGORY)
    by_group = _coincidences(counts, numbered)
    whole = by_group.sum(0)
    places = scale if scale is not None else np.arange(counts.shape[1], dtype=np.float64)
    value = float(_alphas(whole[None], level, places)[0])
    interval, reason = spread(value, _alphas(whole - by_group, level, places))
    return Agreement(value, *size, interval=interval, reason=reason, groups=len(by_group))


def _coincidences(counts: Whole, groups: Whole) -> Array:
    """Groups × categories × categories: ordered pairs of values within an item, each item weighing as many as it has
    ratings."""
    categories = counts.shape[1]
    summed = np.zeros((int(groups.max()) + 1, categories, categories))
    for start in range(0, len(counts), CHUNK):
        part = as_float(counts[start : start + CHUNK])
        pairs = part[:, :, None] * part[:, None, :] - part[:, :, None] * np.eye(categories)
        np.add.at(summed, groups[start : start + CHUNK], pairs / (part.sum(1) - 1)[:, None, None])
    return summed


def _alphas(coincidences: Array, level: Level, scale: Array) -> Array:
    """One for each table of coincidences; nan where all values are one."""
    totals = coincidences.sum(1)
    # What is taken out again leaves rests of about 1e-16 where nothing is.
    totals = np.where(totals < 1e-9, 0.0, totals)
    distances = _distances(totals, level, scale)
    expected = np.einsum("gk,gkl,gl->g", totals, distances, totals)
    observed = np.einsum("gkl,gkl->g", coincidences, distances)
    with np.errstate(invalid="ignore", divide="ignore"):
        values: Array = np.where(expected > 0, 1 - (totals.sum(1) - 1) * observed / expected, np.nan)
    return values


def _distances(totals: Array, level: Level, scale: Array) -> Array:
    tables, size = totals.shape
    if level is Level.ORDINAL:
        # Ranks between two categories: all values from one to the other, the ends by half.
        middles = np.cumsum(totals, 1) - totals / 2
        ranks: Array = (middles[:, :, None] - middles[:, None, :]) ** 2
        return ranks
    fixed = 1 - np.eye(size) if level is Level.NOMINAL else (scale[:, None] - scale[None, :]) ** 2
    return np.broadcast_to(fixed, (tables, size, size))
