"""Intervals: the jackknife over items or groups of items that belong together, and what a t needs."""

from collections.abc import Callable
from math import inf, sqrt
from statistics import NormalDist

import numpy as np

from .ratings import Array, Undefined, Whole

LEVEL = 0.95
LEAST_ITEMS = 3


def jackknife(
    value: float, leave_out: Callable[[int], float | None], items: int, *, most: float = 1.0
) -> tuple[tuple[float, float] | None, Undefined | None]:
    """``value`` ± t · the jackknife standard error, leaving out an item at a time (Efron and Tibshirani 1993, ch. 11).

    None with the reason below ``LEAST_ITEMS`` items, and where leaving one out leaves nothing to compute, or changes
    nothing (as with perfect agreement). The upper end is cut at ``most``, the figure's own bound.
    """
    if items < LEAST_ITEMS:
        return None, Undefined.TOO_FEW_ITEMS
    left = [leave_out(item) for item in range(items)]
    return spread(value, np.array([np.nan if one is None else one for one in left]), most=most)


def spread(
    value: float, left_out: Array, *, least: float = -inf, most: float = 1.0
) -> tuple[tuple[float, float] | None, Undefined | None]:
    """As :func:`jackknife`, of what is left at each leaving out; nan where nothing can be computed then. The ends are
    cut at ``least`` and ``most``."""
    items = len(left_out)
    if items < LEAST_ITEMS:
        return None, Undefined.TOO_FEW_ITEMS
    if np.isnan(left_out).any():
        return None, Undefined.RESAMPLES_UNDEFINED
    if np.ptp(left_out) < 1e-12:
        return None, Undefined.NO_SPREAD
    error = sqrt((items - 1) / items * float(((left_out - left_out.mean()) ** 2).sum()))
    reach = t_quantile((1 + LEVEL) / 2, items - 1) * error
    return (max(least, value - reach), min(most, value + reach)), None


def leave_out_means(values: Array, groups: Whole) -> Array:
    """The mean of ``values`` without each group in turn; nan where nothing is left. ``groups``: 0, 1, … of each."""
    sums, sizes = np.bincount(groups, weights=values), np.bincount(groups)
    left = len(values) - sizes
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Array = np.where(left > 0, (values.sum() - sums) / left, np.nan)
    return means


def number_groups(groups: Whole | None, size: int) -> Whole:
    """As 0, 1, … without gaps; each its own group where there are none."""
    if groups is None:
        return np.arange(size, dtype=np.int64)
    numbered: Whole = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    return numbered


def t_quantile(p: float, freedom: int) -> float:
    """Student's t by the Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5); within 1 % from 3 degrees on, and
    exact at 1 and 2."""
    if freedom == 1:
        return float(np.tan(np.pi * (p - 0.5)))
    if freedom == 2:
        return (2 * p - 1) / sqrt(2 * p * (1 - p))
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum((float(term) / freedom**power for power, term in enumerate(terms, start=1)), 0.0)


def shared_counts(counts: Whole) -> Whole:
    """Of the items with two ratings or more."""
    chosen: Whole = counts[counts.sum(1) >= 2]
    return chosen


def as_float(counts: Whole) -> Array:
    return counts.astype(np.float64)
