"""Figures over many branches: each with its n, its interval, the metric version and the graph's hash.

What could not be assessed is left out of a mean and counted beside it. Shares of the battery are pooled: hits over
totals. Intervals resample whole groups (cases), since branches of one case are not independent.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from .calibration import calibrate
from .scores import BranchScore, Ratio

VALUES = ("dtc", "rac", "grounding", "coverage")
MEASURES = ("rac_new", "dtc_slope", "rac_slope", "cost", "turns")
_RESAMPLES = 2000
_LEVEL = 0.95


class MixedScoresError(ValueError):
    """Scores of different metric versions or graphs have no common mean."""


def summarise_scores(
    scores: Sequence[BranchScore], *, groups: Sequence[Hashable] | None = None, seed: int = 0
) -> dict[str, Any]:
    """Ready for JSON. ``groups``: the case of each score; without them each score is its own group.

    Raises :class:`MixedScoresError`.
    """
    if len({(score.metric_version, score.graph) for score in scores}) > 1:
        raise MixedScoresError("the scores come from different metric versions or graphs: score the branches again")
    keys: Sequence[Hashable] = range(len(scores)) if groups is None else groups

    def mean_of(values: Sequence[float | None]) -> dict[str, Any]:
        ratios = [Ratio(0, 0) if value is None else Ratio(value, 1) for value in values]
        pooled = pool(ratios, keys, seed=seed)
        return {"mean": pooled["value"], "n": int(pooled["of"]), "ci": pooled["ci"], "missing": values.count(None)}

    names = dict.fromkeys(name for score in scores for name in score.counts)
    none = Ratio(0, 0)
    return {
        "n": len(scores),
        "groups": len(set(keys)),
        "metric_version": scores[0].metric_version if scores else None,
        "graph": scores[0].graph if scores else None,
        **{name: mean_of([getattr(score, name) for score in scores]) for name in VALUES},
        "accuracy": mean_of([None if score.correct is None else float(score.correct) for score in scores]),
        "battery": {name: pool([score.counts.get(name, none) for score in scores], keys, seed=seed) for name in names},
        "measures": {name: mean_of([score.measures.get(name) for score in scores]) for name in MEASURES},
        "calibration": calibrate(scores),
    }


def pool(ratios: Sequence[Ratio], groups: Sequence[Hashable], *, seed: int = 0) -> dict[str, Any]:
    """``value`` = hits / of over all, with its percentile bootstrap interval; None where nothing was counted."""
    by_group: dict[Hashable, Ratio] = {}
    for ratio, group in zip(ratios, groups, strict=True):
        by_group[group] = by_group[group] + ratio if group in by_group else ratio
    parts = [ratio for ratio in by_group.values() if ratio.of]
    hits, of = np.array([r.hits for r in parts], float), np.array([r.of for r in parts], float)
    if not parts:
        return {"value": None, "hits": 0.0, "of": 0.0, "ci": None}
    picks = np.random.default_rng(seed).integers(0, len(parts), (_RESAMPLES, len(parts)))
    resampled = hits[picks].sum(1) / of[picks].sum(1)
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    total = float(of.sum())
    return {
        "value": round(float(hits.sum()) / total, 4),
        "hits": round(float(hits.sum()), 4),
        "of": total,
        "ci": [round(float(low), 4), round(float(high), 4)],
    }


def compare_accuracy(static: Mapping[str, bool], active: Mapping[str, bool], *, seed: int = 0) -> dict[str, Any]:
    """accuracy(static) - accuracy(active) over the cases that both have: what a model loses by having to ask."""
    shared = sorted(static.keys() & active.keys())
    differences = [Ratio(int(static[case]) - int(active[case]), 1) for case in shared]
    pooled = pool(differences, shared, seed=seed)
    return {"difference": pooled["value"], "n": len(shared), "ci": pooled["ci"]}
