"""How far two judges of the same pairs agree."""

from collections.abc import Mapping, Sequence
from typing import Any

from medaction.agreement import Ratings, cohen_kappa, percent_agreement
from medaction.metrics.judge import Verdict

from .asking import Pair
from .rows import JudgedPair
from .ruling import Ruling


def compare_judges(one: Sequence[str], other: Sequence[str]) -> dict[str, Any]:
    """Two verdicts a pair, ours or rulings; :func:`side_of` says what each decides.

    ``{n, undecided, percent, percent_ci, kappa, kappa_ci, reason, table}``: n counts pairs where both decide,
    ``undecided`` the others; Cohen's kappa, with jackknife intervals. What is not defined is None, and ``reason`` says
    why. ``table`` counts the verdicts as they were given, the first judge's first.
    """
    table: dict[str, dict[str, int]] = {}
    for mine, theirs in zip(one, other, strict=True):
        row = table.setdefault(mine, {})
        row[theirs] = row.get(theirs, 0) + 1
    both = [(side_of(a), side_of(b)) for a, b in zip(one, other, strict=True) if side_of(a) and side_of(b)]
    ratings = Ratings((judge, pair, sides[judge]) for pair, sides in enumerate(both) for judge in (0, 1))
    percent, kappa = percent_agreement(ratings), cohen_kappa(ratings)
    return {
        "n": len(both),
        "undecided": len(one) - len(both),
        "percent": _rounded(percent.value),
        "percent_ci": percent.interval and [_rounded(end) for end in percent.interval],
        "kappa": _rounded(kappa.value),
        "kappa_ci": kappa.interval and [_rounded(end) for end in kappa.interval],
        "reason": kappa.reason,
        "table": {row: dict(sorted(columns.items())) for row, columns in sorted(table.items())},
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def report_agreement(rows: Sequence[JudgedPair], rulings: Mapping[Pair, Ruling]) -> dict[str, Any]:
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
        "judge_vs_concept": compare_judges([row.concept or Ruling.UNDECIDED for row in judged], told),
        "judge_vs_human": compare_judges([rulings[row.pair] for row in labelled], people),
        "concept_vs_human": compare_judges([row.concept or Ruling.UNDECIDED for row in labelled], people),
        "where_concept_match_is_silent": {ruling.value: silent.count(ruling) for ruling in Ruling},
        "what": "agreement where both decide; broader counts as different, as it does for top-1; agreement there "
        "does not prove the judge right on names that the graph does not know",
    }


def side_of(verdict: str) -> str:
    """``same``, ``different``, or nothing for what decides nothing. Of our verdicts and of rulings alike."""
    if verdict == Verdict.SAME:
        return "same"
    return "different" if verdict in (Ruling.DIFFERENT, Verdict.OTHER, Verdict.BROADER) else ""
