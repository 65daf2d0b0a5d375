"""Intervals by resampling."""

from collections.abc import Sequence

import numpy as np


def bootstrap_interval(
    values: Sequence[float], *, seed: int = 0, resamples: int = 4000, level: float = 0.95
) -> tuple[float, float] | None:
    """Percentile bootstrap interval of the mean; None without values. The same seed gives the same interval."""
    if not values:
        return None
    sample = np.asarray(values, np.float64)
    picks = np.random.default_rng(seed).integers(0, len(sample), (resamples, len(sample)))
    tail = (1 - level) / 2
    low, high = np.quantile(sample[picks].mean(1), [tail, 1 - tail])
    return round(float(low), 4), round(float(high), 4)
