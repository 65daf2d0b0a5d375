"""How far two judges of the same pairs agree."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from medaction.knowledge.store import Array

RESAMPLES = 4000
LEAST = 2


def compare_judges(
    one: Sequence[str], other: Sequence[str], *, of: Callable[[str], str], seed: int = 0
) -> dict[str, Any]:
    """Two verdicts a pair; ``of`` says which of two sides a verdict is on: ``same`` or ``different``, or ``""``, none.

    ``{n, undecided, percent, percent_ci, kappa, kappa_ci, table}``: n counts pairs where both decide, ``undecided`` the
    others. Kappa: Cohen 1960, with a percentile bootstrap over pairs; None where fewer than two pairs are decided, or
    where chance alone would agree always. ``table`` counts the verdicts as they were given, the first judge's first.
    """
    table: dict[str, dict[str, int]] = {}
    sides: list[tuple[bool, bool]] = []
    for mine, theirs in zip(one, other, strict=True):
        row = table.setdefault(mine, {})
        row[theirs] = row.get(theirs, 0) + 1
        if of(mine) and of(theirs):
            sides.append((of(mine) == "same", of(theirs) == "same"))
    counts = np.array([[sides.count((a, b)) for b in (True, False)] for a in (True, False)], np.float64)
    drawn = _resample(counts, seed) if sides else None
    return {
        "n": len(sides),
        "undecided": len(one) - len(sides),
        "percent": _rounded(_percent(counts)) if sides else None,
        "percent_ci": None if drawn is None else _interval(_percent(drawn)),
        "kappa": _rounded(_kappa(counts)) if len(sides) >= LEAST else None,
        "kappa_ci": None if drawn is None or len(sides) < LEAST else _interval(_kappa(drawn)),
        "table": {row: dict(sorted(columns.items())) for row, columns in sorted(table.items())},
    }


def _resample(counts: Array, seed: int) -> Array:
    """Tables of as many pairs, drawn from the pairs with replacement."""
    n = int(counts.sum())
    drawn: Array = np.random.default_rng(seed).multinomial(n, (counts / n).ravel(), RESAMPLES).reshape(-1, 2, 2)
    return drawn


def _percent(counts: Array) -> Array:
    agreed: Array = np.trace(counts, axis1=-2, axis2=-1) / counts.sum((-2, -1))
    return agreed


def _kappa(counts: Array) -> Array:
    total = counts.sum((-2, -1))
    observed = _percent(counts)
    expected = (counts.sum(-1) * counts.sum(-2)).sum(-1) / total**2
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa: Array = np.where(expected < 1, (observed - expected) / (1 - expected), np.nan)
    return kappa


def _interval(values: Array) -> list[float] | None:
    """Resamples without a kappa (all pairs alike) are left out."""
    known = values[~np.isnan(values)]
    return [round(float(q), 4) for q in np.quantile(known, [0.025, 0.975])] if len(known) else None


def _rounded(value: Array) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
