"""One row for each figure: what was measured, beside what, and whether the aim of quality.md is met."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.numbers import Figure


@dataclass(frozen=True)
class Row:
    """`aim` is the largest value that is good enough, or the smallest if `more_is_better`; None: to compare."""

    id: str
    what: str
    figure: Figure
    unit: str
    aim: float | None = None
    more_is_better: bool = False

    @property
    def met(self) -> bool | None:
        """Judged by the median."""
        if self.aim is None or math.isnan(self.figure.median):
            return None
        return self.figure.median >= self.aim if self.more_is_better else self.figure.median <= self.aim


def show(console: Console, rows: Sequence[Row], notes: Sequence[str]) -> None:
    table = Table("", "figure", "median", "worst", "runs", "aim", "", title="Live dialogue", title_justify="left")
    for row in rows:
        sign = {True: "✓", False: "✗", None: ""}[row.met]
        aim = "" if row.aim is None else f"{'≥' if row.more_is_better else '≤'} {_number(row.aim)}"
        figures = (f"{_number(row.figure.median)} {row.unit}", _number(row.figure.worst), str(row.figure.runs))
        table.add_row(row.id, row.what, *figures, aim, sign)
    console.print(table)
    for note in notes:
        console.print(f"· {note}", highlight=False)


def as_json(rows: Sequence[Row], notes: Sequence[str], **more: Any) -> dict[str, Any]:
    return {**more, "figures": [{**asdict(row), "met": row.met} for row in rows], "notes": list(notes)}


def _number(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
