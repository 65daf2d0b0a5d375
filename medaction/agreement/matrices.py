"""Each rater beside each other, and each beside gold answers."""

from collections.abc import Callable, Hashable, Mapping
from enum import StrEnum
from itertools import combinations

from .alpha import Level, krippendorff_alpha
from .kappa import cohen_kappa, percent_agreement
from .ratings import Agreement, Ratings

GOLD = object()


class Measure(StrEnum):
    PERCENT = "percent"
    COHEN = "cohen"
    ALPHA_NOMINAL = "alpha_nominal"
    ALPHA_ORDINAL = "alpha_ordinal"
    ALPHA_INTERVAL = "alpha_interval"


_MEASURES: dict[Measure, Callable[[Ratings], Agreement]] = {
    Measure.PERCENT: percent_agreement,
    Measure.COHEN: cohen_kappa,
    Measure.ALPHA_NOMINAL: krippendorff_alpha,
    Measure.ALPHA_ORDINAL: lambda ratings: krippendorff_alpha(ratings, Level.ORDINAL),
    Measure.ALPHA_INTERVAL: lambda ratings: krippendorff_alpha(ratings, Level.INTERVAL),
}


def compare_raters(ratings: Ratings, measure: Measure = Measure.COHEN) -> dict[tuple[Hashable, Hashable], Agreement]:
    """Every pair once, in the order of ``ratings.raters``; each over the items that both rated."""
    measured = _MEASURES[measure]
    return {pair: measured(ratings.pick(*pair)) for pair in combinations(ratings.raters, 2)}


def compare_with_gold(
    ratings: Ratings, gold: Mapping[Hashable, Hashable], measure: Measure = Measure.COHEN
) -> dict[Hashable, Agreement]:
    """Each rater with the gold answers of the items that have one."""
    measured = _MEASURES[measure]
    answers: list[tuple[Hashable, Hashable, Hashable | None]] = [(GOLD, item, value) for item, value in gold.items()]
    found = {}
    for row, rater in enumerate(ratings.raters):
        own = [
            (rater, item, ratings.categories[code])
            for item, code in zip(ratings.items, ratings.codes[row].tolist(), strict=True)
            if code >= 0 and item in gold
        ]
        found[rater] = measured(Ratings([*own, *answers]) if own else Ratings([(rater, item, None) for item in gold]))
    return found
