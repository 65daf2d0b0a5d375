"""Raters beside raters as a square table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_RATERS = 24


@dataclass(frozen=True, slots=True)
class Row:
    """``cells``: the figure with each rater in the order of ``Matrix.raters``; None for oneself and where no turn is
    shared."""

    rater: str
    cells: tuple[Mapping[str, Any] | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The raters with the most turns in common with others; ``left_out`` counts the rest."""

    raters: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int


def make_matrix(pairs: Sequence[Mapping[str, Any]]) -> Matrix:
    turns: Counter[str] = Counter()
    for pair in pairs:
        turns[pair["a"]] += pair["units"]
        turns[pair["b"]] += pair["units"]
    raters = tuple(sorted(rater for rater, _ in turns.most_common(MOST_RATERS)))
    found = {(pair["a"], pair["b"]): pair for pair in pairs}
    rows = tuple(
        Row(one, tuple(found.get((one, other)) or found.get((other, one)) for other in raters)) for one in raters
    )
    return Matrix(raters, rows, len(turns) - len(raters))
