"""Priors of all authored diseases for one person, at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..model import PRIORS, Concept
from ..store import Array

LEAST, MOST = 1e-9, 0.5
_SEXES = {"any": 0, "female": 1, "male": 2}


class PriorTable:
    """Bands and demographic factors of diseases as arrays; ``cards`` are what each says of itself, in their order."""

    def __init__(self, diseases: Sequence[Concept], cards: Sequence[dict[str, Any] | None]) -> None:
        self.diseases = tuple(diseases)
        self._base = np.full(len(cards), np.nan)
        rows: list[tuple[int, int, float, float, float]] = []
        for number, card in enumerate(cards):
            if card is None:
                continue
            self._base[number] = PRIORS[card["prior"]["band"]]
            for row in card["demographics"]:
                rows.append((number, _SEXES[row["sex"]], row["low"], row["high"], row["factor"]))
        table = np.array(rows, np.float64).reshape(-1, 5)
        self._places = table[:, 0].astype(np.int64)
        self._sexes = table[:, 1]
        self._low, self._high = table[:, 2], table[:, 3]
        self._factors = np.maximum(table[:, 4], LEAST)

    def of(self, age: float | None, sex: str | None) -> Array:
        """P(disease) of each: its band times the factors that apply, within bounds; NaN without a card."""
        fits = (self._sexes == 0) | (self._sexes == _SEXES.get(sex or "", -1))
        if age is None:
            fits &= (self._low == 0) & (self._high == 120)
        else:
            fits &= (self._low <= age) & (age <= self._high)
        factors = np.ones(len(self._base))
        np.multiply.at(factors, self._places[fits], self._factors[fits])
        priors: Array = np.clip(self._base * factors, LEAST, MOST)
        return priors
