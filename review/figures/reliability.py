"""How far any number of reviewers agree on one question."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from medaction.agreement import Agreement, alpha_of_counts, first_error_distance, percent_of_counts
from review.figures.asked import Asked
from review.figures.table import MISSING, Column, Table

Figure = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """``counts``: units × values, how many said so; ``units`` their numbers, ``groups`` their cases."""

    counts: Column
    units: Column
    groups: Column
    raters: int

    def of(self, kept: np.ndarray) -> "Counted":
        return Counted(self.counts[kept], self.units[kept], self.groups[kept], self.raters)


def count_said(table: Table, asked: Asked) -> Counted:
    sheet, codes = asked.sheet(table), asked.codes(table)
    said = codes != MISSING
    units, places = np.unique(sheet.unit[said], return_inverse=True)
    counts = np.zeros((len(units), len(asked.values)), dtype=np.int64)
    np.add.at(counts, (places, codes[said]), 1)
    groups = np.zeros(len(units), dtype=np.int64)
    groups[places] = table.groups[sheet.item[said]]
    return Counted(counts, units, groups, len(np.unique(sheet.rater[said])))


def measure(counted: Counted, asked: Asked) -> Figure:
    """Alpha and percent agreement. ``units`` were judged by two or more, of ``judged`` with a rating at all (coverage);
    ``pairs`` of ratings were compared, in ``cases``."""
    alpha = alpha_of_counts(counted.counts, asked.level, asked.scale(), groups=counted.groups, raters=counted.raters)
    percent = percent_of_counts(counted.counts, groups=counted.groups, raters=counted.raters)
    rated = counted.counts.sum(1)
    shared = rated >= 2
    return {
        "alpha": write(alpha),
        "percent": write(percent),
        "units": int(shared.sum()),
        "judged": len(rated),
        "coverage": float(shared.mean()) if len(rated) else None,
        "cases": len(np.unique(counted.groups[shared])),
        "raters": counted.raters,
        "ratings": int(rated[shared].sum()),
        "pairs": int((rated * (rated - 1) // 2).sum()),
    }


def measure_question(table: Table, asked: Asked) -> Figure:
    about = {"id": asked.id, "text": asked.text, "level": asked.level.value, "of": "item" if asked.whole else "turn"}
    return about | measure(count_said(table, asked), asked)


def measure_first_error(table: Table) -> Figure:
    """Between every two reviewers of an item who labelled any of its turns."""
    sheet = table.wholes
    first, second = pair_lines(sheet.unit, sheet.said["first_error"] != MISSING)
    places = sheet.said["first_error"]
    items = sheet.item[first]
    lengths = table.lengths[items]

    def mark(line: int, length: int) -> int | None:
        place = int(places[line])
        return None if place >= length else place

    marks = [
        (mark(one, length), mark(other, length))
        for one, other, length in zip(first.tolist(), second.tolist(), lengths.tolist(), strict=True)
    ]
    found = asdict(first_error_distance(marks, lengths.tolist(), table.groups[items].tolist()))
    found["reason"] = None if found["reason"] is None else found["reason"].value
    return found | {"cases": len(np.unique(table.groups[items]))}


def pair_lines(unit: Column, kept: np.ndarray) -> tuple[Column, Column]:
    """Lines of a sheet, two by two, that are about the same unit; each pair once."""
    lines = np.flatnonzero(kept)
    lines = lines[np.argsort(unit[lines], kind="stable")]
    firsts, seconds = [], []
    step = 1
    while step < len(lines):
        same = unit[lines[step:]] == unit[lines[:-step]]
        if not same.any():
            break
        firsts.append(lines[:-step][same])
        seconds.append(lines[step:][same])
        step += 1
    empty = np.zeros(0, dtype=np.int64)
    return np.concatenate([empty, *firsts]), np.concatenate([empty, *seconds])


def write(found: Agreement) -> Figure:
    """As JSON: the value with its interval, or why there is none."""
    return {
        "value": found.value,
        "interval": None if found.interval is None else list(found.interval),
        "reason": None if found.reason is None else found.reason.value,
    }
