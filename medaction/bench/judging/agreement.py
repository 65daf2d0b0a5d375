"""How far two judges of the same pairs agree."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from medaction.knowledge.store import Array
from medaction.metrics.judge import Verdict

from .asking import Pair
from .rows import JudgedPair
from .ruling import Ruling

RESAMPLES = 4000
LEAST = 2


def compare_judges(one: Sequence[str], other: Sequence[str], *, seed: int = 0) -> dict[str, Any]:
    """Two verdicts a pair, ours or rulings; :func:`side_of` says what each decides.

    ``{n, undecided, percent, percent_ci, kappa, kappa_ci, table}``: n counts pairs where both decide, ``undecided`` the
    others. Kappa: Cohen 1960, with a percentile bootstrap over pairs; None where fewer than two pairs are decided, or
    where chance alone would agree always. ``table`` counts the verdicts as they were given, the first judge's first.
    """
    table: dict[str, dict[str, int]] = {}
    sides: list[tuple[bool, bool]] = []
    for mine, theirs in zip(one, other, strict=True):
        row = table.setdefault(mine, {})
        row[theirs] = row.get(theirs, 0) + 1
        if side_of(mine) and side_of(theirs):
            sides.append((side_of(mine) == "same", side_of(theirs) == "same"))
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


def report_agreement(rows: Sequence[JudgedPair], rulings: Mapping[Pair, Ruling], *, seed: int = 0) -> dict[str, Any]:
    """The judge beside concept match and beside people, and those two beside each other.

    ``where_concept_match_is_silent``: its rulings where concept match cannot decide, the only place where they count.
    What it agrees on elsewhere is no proof that it is right there: those names are the harder ones.
    """
    judged = [row for row in rows if row.pair in rulings]
    labelled = [row for row in judged if row.human is not None]
    told = [rulings[row.pair] for row in judged]
    people = [row.human or "" for row in labelled]
    silent = [rulings[row.pair].value for row in judged if row.concept is None]
    return {
        "pairs": len(rows),
        "judged": len(judged),
        "undecided": sum(ruling is Ruling.UNDECIDED for ruling in told),
        "judge_vs_concept": compare_judges([row.concept or Ruling.UNDECIDED for row in judged], told, seed=seed),
        "judge_vs_human": compare_judges([rulings[row.pair] for row in labelled], people, seed=seed),
        "concept_vs_human": compare_judges([row.concept or Ruling.UNDECIDED for row in labelled], people, seed=seed),
        "where_concept_match_is_silent": {ruling.value: silent.count(ruling) for ruling in Ruling},
        "what": "agreement where both decide; broader counts as different, as it does for top-1; agreement there "
        "does not prove the judge right on names that the graph does not know",
    }


def side_of(verdict: str) -> str:
    """``same``, ``different``, or nothing for what decides nothing. Of our verdicts and of rulings alike."""
    if verdict == Verdict.SAME:
        return "same"
    return "different" if verdict in (Ruling.DIFFERENT, Verdict.OTHER, Verdict.BROADER) else ""
