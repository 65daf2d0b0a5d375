"""Agreement over time: by the week or quarter in which a turn had all the judgements that are compared."""

from datetime import date
from typing import Any

import numpy as np

from review.figures.asked import Asked
from review.figures.reliability import Figure, count_said, measure
from review.figures.table import MISSING, Table

MOST_WEEKS = 26


def measure_drift(table: Table, asked: Asked) -> dict[str, Any]:
    """``by`` week where there are at most 26 of them, else quarter. Periods in which nothing can be compared are left
    out."""
    counted = count_said(table, asked)
    said = asked.codes(table) != MISSING
    sheet = asked.sheet(table)
    last = np.zeros(len(counted.units), dtype=np.int64)
    np.maximum.at(last, np.searchsorted(counted.units, sheet.unit[said]), sheet.day[said])
    shared = counted.counts.sum(1) >= 2
    days = [date.fromordinal(day) for day in last[shared].tolist()]
    weeks = [_week(day) for day in days]
    by_week = len(set(weeks)) <= MOST_WEEKS
    names = np.array(weeks if by_week else [_quarter(day) for day in days], dtype=object)
    kept = counted.of(shared)
    rows: list[Figure] = []
    for period in sorted(set(names.tolist())):
        rows.append({"period": period} | measure(kept.of(names == period), asked))
    return {"by": "week" if by_week else "quarter", "rows": rows}


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"
