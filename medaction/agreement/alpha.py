"""Krippendorff's alpha: agreement beyond chance for any number of raters, with missing ratings.

Krippendorff, K. (2011), Computing Krippendorff's Alpha-Reliability; Content Analysis (2019), chapter 12.
"""

from enum import StrEnum

import numpy as np

from .ratings import Agreement, Array, Ratings, Undefined, why_undefined
from .resampling import as_float, jackknife, shared_counts


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
    size = (len(counts), int(((ratings.codes >= 0).sum(1) > 0).sum()), int(counts.sum()))
    if (reason := why_undefined(ratings, counts)) is not None:
        return Agreement(None, *size, reason=reason)
    by_item = _coincidences(as_float(counts))
    whole = by_item.sum(0)
    scale = numbers if numbers is not None else np.arange(counts.shape[1], dtype=np.float64)

    def without(item: int) -> float | None:
        return _alpha(whole - by_item[item], level, scale)

    value = _alpha(whole, level, scale)
    assert value is not None  # noqa: S101 - two categories are left, or why_undefined had said so
    interval, reason = jackknife(value, without, len(counts))
    return Agreement(value, *size, interval=interval, reason=reason)


def _coincidences(counts: Array) -> Array:
    """Items × categories × categories: ordered pairs of values within an item, each item weighing as many as it has
    ratings."""
    ratings = counts.sum(1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])
    weighted: Array = pairs / (ratings - 1)[:, None, None]
    return weighted


def _alpha(coincidences: Array, level: Level, scale: Array) -> float | None:
    totals = coincidences.sum(0)
    # What is taken out again leaves rests of about 1e-16 where nothing is.
    totals = np.where(totals < 1e-9, 0.0, totals)
    distances = _distances(totals, level, scale)
    expected = float(totals @ distances @ totals)
    if expected <= 0:
        return None
    return 1 - float((totals.sum() - 1) * (coincidences * distances).sum() / expected)


def _distances(totals: Array, level: Level, scale: Array) -> Array:
    if level is Level.NOMINAL:
        return 1 - np.eye(len(totals))
    if level is Level.INTERVAL:
        squares: Array = (scale[:, None] - scale[None, :]) ** 2
        return squares
    # Ranks between two categories: all values from one to the other, the ends by half.
    middles = np.cumsum(totals) - totals / 2
    ranks: Array = (middles[:, None] - middles[None, :]) ** 2
    return ranks
