"""Whether the probability that an answer carries can be believed."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from medaction.knowledge.store import Array

from .statistics import LEVEL, RESAMPLES, estimate

LEAST = 30
"""With fewer answers that carry a probability nothing is shown: a bin of three says nothing."""
BINS = 10
_BLOCK = 2_000_000


def calibrate_records(records: Sequence[Mapping[str, Any]], *, seed: int = 0) -> dict[str, Any]:
    """``brier``: mean of (p - right)² (Brier 1950). ``ece``: over ten equal bins of p, the gap between mean p and the
    share that is right, weighted by the bin's n (Guo 2017). Each with its bootstrap interval by whole groups; that of
    ``ece`` lies high where answers are few, as ECE itself does. ``bins`` hold n, mean p and the share that is right.

    Below :data:`LEAST` answers with a p all are None, and ``hidden`` says why.
    """
    told = [record for record in records if record["given"] is not None and record["p"] is not None]
    known = {"n": len(told), "missing": len(records) - len(told)}
    if len(told) < LEAST:
        why = f"{len(told)} answers carry a probability; calibration is shown from {LEAST} on"
        return {**known, **dict.fromkeys(("brier", "brier_ci", "ece", "ece_ci", "bins")), "hidden": why}
    p = np.array([float(record["p"]) for record in told])
    right = np.array([float(record["rank"] == 1) for record in told])
    places = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    groups: list[Hashable] = [record["group"] for record in told]
    brier = estimate(((p - right) ** 2).tolist(), groups, seed=seed)
    low, high = np.quantile(_resample_ece(p - right, places, groups, seed), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {
        **known,
        "brier": brier["value"],
        "brier_ci": brier["ci"],
        "ece": round(float(np.abs(_sum_bins(p - right, places)).sum() / len(p)), 4),
        "ece_ci": [round(float(low), 4), round(float(high), 4)],
        "bins": [_describe_bin(place, p[places == place], right[places == place]) for place in range(BINS)],
        "hidden": None,
    }


def _describe_bin(place: int, p: Array, right: Array) -> dict[str, Any]:
    return {
        "from": place / BINS,
        "to": (place + 1) / BINS,
        "n": len(p),
        "p": round(float(p.mean()), 4) if len(p) else None,
        "right": round(float(right.mean()), 4) if len(p) else None,
    }


def _sum_bins(gaps: Array, places: Array) -> Array:
    return np.bincount(places, gaps, BINS)


def _resample_ece(gaps: Array, places: Array, groups: Sequence[Hashable], seed: int) -> Array:
    """ECE in each resample of whole groups: the absolute sum of p - right in each bin, over all answers drawn."""
    numbers = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    cells = np.array([numbers[group] for group in groups]) * BINS + places
    sums = np.bincount(cells, gaps, len(numbers) * BINS).reshape(-1, BINS)
    sizes = np.bincount(cells, minlength=len(numbers) * BINS).reshape(-1, BINS).sum(1)
    generator = np.random.default_rng(seed)
    rows = max(1, _BLOCK // len(numbers))
    drawn: list[Array] = []
    for start in range(0, RESAMPLES, rows):
        shape = min(rows, RESAMPLES - start)
        times = generator.multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), shape)
        drawn.append(np.abs(times @ sums).sum(1) / (times @ sizes))
    return np.concatenate(drawn)
