"""Estimates with intervals, and tests of differences. Groups (the patient or article behind cases) are resampled whole:
what comes from one group is not independent. Two runs are compared case by case.
"""

from collections.abc import Hashable, Sequence
from math import comb
from typing import Any

import numpy as np

from medaction.knowledge.store import Array

RESAMPLES = 4000
LEVEL = 0.95
_BLOCK = 2_000_000
"""Resampled numbers held in memory at once."""


def estimate(
    values: Sequence[float | None],
    groups: Sequence[Hashable],
    *,
    weights: Sequence[float] | None = None,
    share: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """The mean of what is known: ``{value, n, ci, missing}``; ``ci`` is the percentile bootstrap of whole groups
    (Efron and Tibshirani 1993, chapter 13). None, never 0, where nothing is known.

    ``weights``: values are hits of so many (a pooled share); ``n`` is then the sum of the weights. ``share``: of a
    share that is 0 or 1 every resample is the same, so its interval is the exact one of as many groups
    (Clopper and Pearson 1934).
    """
    given = [1.0] * len(values) if weights is None else weights
    parts: dict[Hashable, list[float]] = {}
    missing = 0
    for value, weight, group in zip(values, given, groups, strict=True):
        if value is None or not weight:
            missing += 1
            continue
        part = parts.setdefault(group, [0.0, 0.0])
        part[0] += value
        part[1] += weight
    if not parts:
        return {"value": None, "n": 0, "ci": None, "missing": missing}
    hits, of = np.array(list(parts.values())).T
    mean = float(hits.sum() / of.sum())
    if share and mean in (0.0, 1.0):
        edge = ((1 - LEVEL) / 2) ** (1 / len(of))
        low, high = (0.0, 1 - edge) if mean == 0 else (edge, 1.0)
    else:
        low, high = np.quantile(_resample(hits, of, seed), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {
        "value": round(mean, 4),
        "n": round(float(of.sum())),
        "ci": [round(float(low), 4), round(float(high), 4)],
        "missing": missing,
    }


def estimate_gap(
    first: Sequence[tuple[float, float]],
    second: Sequence[tuple[float, float]],
    groups: Sequence[Hashable],
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """The difference of two pooled shares, ``first - second``, of (hits, of) pairs of the same cases: groups are drawn
    for both together. ``n`` and ``n_second`` are their totals; None where either has counted nothing."""
    parts: dict[Hashable, list[float]] = {}
    for one, other, group in zip(first, second, groups, strict=True):
        part = parts.setdefault(group, [0.0] * 4)
        for place, value in enumerate((*one, *other)):
            part[place] += value
    counts = np.array(list(parts.values())).reshape(-1, 4)
    totals = counts.sum(0)
    told = {
        "first": None,
        "second": None,
        "difference": None,
        "ci": None,
        "n": round(float(totals[1])),
        "n_second": round(float(totals[3])),
    }
    if not totals[1] or not totals[3]:
        return told
    picks = np.random.default_rng(seed).integers(0, len(counts), (RESAMPLES, len(counts)))
    a, of_a, b, of_b = (column[picks].sum(1) for column in counts.T)
    # A resample in which one side counted nothing says nothing of the difference.
    both = (of_a > 0) & (of_b > 0)
    low, high = np.quantile(a[both] / of_a[both] - b[both] / of_b[both], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    shares = float(totals[0] / totals[1]), float(totals[2] / totals[3])
    return told | {
        "first": round(shares[0], 4),
        "second": round(shares[1], 4),
        "difference": round(shares[0] - shares[1], 4),
        "ci": [round(float(low), 4), round(float(high), 4)],
    }


def _resample(hits: Array, of: Array, seed: int) -> Array:
    """The pooled mean in each resample. Drawn in blocks, which gives the same numbers as drawing at once."""
    generator = np.random.default_rng(seed)
    rows = max(1, _BLOCK // len(of))
    means = []
    for start in range(0, RESAMPLES, rows):
        picks = generator.integers(0, len(of), (min(rows, RESAMPLES - start), len(of)))
        means.append(hits[picks].sum(1) / of[picks].sum(1))
    return np.concatenate(means)


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided exact p of McNemar's test: of the discordant pairs each side is as likely as the other (binomial ½).

    1 where no pair is discordant. Fay 2010: twice the smaller tail, at most 1.
    """
    discordant = only_first + only_second
    tail = sum(comb(discordant, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, float(2 * tail / 2**discordant))


def correct_holm(ps: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p (1979), in the order given: p at most 0.05 keeps the error over all tests at 5 %."""
    order = sorted(range(len(ps)), key=lambda place: ps[place])
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = highest
    return adjusted
