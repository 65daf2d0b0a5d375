"""Ratings: who said what of which item."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
MISSING = -1


class Undefined(StrEnum):
    """Why there is no figure."""

    NO_RATINGS = "nobody has rated anything"
    ONE_RATER = "only one rater"
    NO_SHARED_ITEM = "no item was rated by two raters"
    ONE_CATEGORY = "every rating that can be compared is the same, so agreement cannot be told from chance"
    TOO_FEW_ITEMS = "too few items, or groups of them, for an interval"
    UNEQUAL_RATERS = "items have different numbers of ratings; Krippendorff's alpha takes them"
    NOT_NUMBERS = "ordinal and interval agreement need numbers"
    NO_SPREAD = "every item says the same, so the jackknife has no width"
    RESAMPLES_UNDEFINED = "without some items the figure is not defined, so there is no interval"


@dataclass(frozen=True, slots=True)
class Agreement:
    """``value`` over ``items`` and ``ratings`` that could be compared, with a 95 % interval over ``groups`` of them.

    ``reason`` says why ``value`` is None, or, where there is a value, why ``interval`` is.
    """

    value: float | None
    items: int = 0
    raters: int = 0
    ratings: int = 0
    interval: tuple[float, float] | None = None
    reason: Undefined | None = None
    groups: int = 0


class Ratings:
    """A table of raters × items. ``codes[rater, item]`` is a place in ``categories``, ``MISSING`` where there is none.

    Categories are sorted: numbers by size, everything else by its text.
    """

    def __init__(self, triples: Iterable[tuple[Hashable, Hashable, Hashable | None]]) -> None:
        """(rater, item, value); None is no rating. Raises ``ValueError`` for two values of one rater and item, and for
        numbers that are not finite."""
        found: dict[tuple[Hashable, Hashable], Hashable] = {}
        raters: dict[Hashable, int] = {}
        items: dict[Hashable, int] = {}
        for rater, item, value in triples:
            raters.setdefault(rater, len(raters))
            items.setdefault(item, len(items))
            if value is None:
                continue
            if isinstance(value, float) and not isfinite(value):
                raise ValueError(f"the rating of {item!r} by {rater!r} is not a finite number")
            if found.setdefault((rater, item), value) != value:
                raise ValueError(f"{rater!r} has rated {item!r} twice, differently")
        self.raters = tuple(raters)
        self.items = tuple(items)
        self.categories = _sort(set(found.values()))
        place = {category: number for number, category in enumerate(self.categories)}
        self.codes: Whole = np.full((len(raters), len(items)), MISSING, dtype=np.int64)
        for (rater, item), value in found.items():
            self.codes[raters[rater], items[item]] = place[value]

    @property
    def numbers(self) -> Array | None:
        """The categories as numbers; None when one of them is none."""
        if not all(isinstance(category, int | float) for category in self.categories):
            return None
        return np.array([float(category) for category in self.categories if isinstance(category, int | float)])

    def counts(self) -> Whole:
        """Items × categories: how many raters said so."""
        shape = (len(self.items), len(self.categories))
        counts = np.zeros(shape, dtype=np.int64)
        for row in self.codes:
            rated = np.flatnonzero(row != MISSING)
            counts[rated, row[rated]] += 1
        return counts

    def pick(self, *raters: Hashable) -> "Ratings":
        """The same items with these raters alone."""
        wanted = [self.raters.index(rater) for rater in raters]
        return Ratings(
            (self.raters[row], item, None if code == MISSING else self.categories[code])
            for row in wanted
            for item, code in zip(self.items, self.codes[row].tolist(), strict=True)
        )


def why_undefined(ratings: Ratings, shared: Whole) -> Undefined | None:
    """``shared``: counts of the items with two ratings or more."""
    if not (ratings.codes != MISSING).any():
        return Undefined.NO_RATINGS
    if (ratings.codes != MISSING).any(1).sum() < 2:
        return Undefined.ONE_RATER
    if not len(shared):
        return Undefined.NO_SHARED_ITEM
    if (shared.sum(0) > 0).sum() < 2:
        return Undefined.ONE_CATEGORY
    return None


def _sort(values: set[Hashable]) -> tuple[Hashable, ...]:
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) == len(values):
        return tuple(sorted(numbers))
    return tuple(sorted(values, key=lambda value: (str(value), str(type(value)))))
