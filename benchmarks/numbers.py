"""Percentiles of a run; medians and worsts over runs."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed. NaN for none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True)
class Figure:
    """One figure over several runs. `worst` is the largest, or the smallest where more is better."""

    median: float
    worst: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float], *, more_is_better: bool = False) -> "Figure":
        known = [value for value in values if not math.isnan(value)]
        if not known:
            return cls(math.nan, math.nan, 0)
        return cls(statistics.median(known), min(known) if more_is_better else max(known), len(known))
