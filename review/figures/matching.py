"""One rater beside another, beside gold, or beside what was adjudicated: on the step labels."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from medaction.agreement import alpha_of_counts, percent_of_counts
from review.figures.asked import Asked
from review.figures.reliability import Figure, pair_lines, write
from review.figures.table import MISSING, Column, Table


@dataclass(frozen=True, slots=True)
class Standing:
    """A rater beside a reference. ``units`` turns that both labelled, of ``items`` in ``cases``."""

    rater: str
    figure: Figure


def match_raters(table: Table, asked: Asked) -> list[Figure]:
    """Every two raters who share a turn, in the order of their names."""
    codes = asked.codes(table)
    first, second = pair_lines(table.turns.unit, codes != MISSING)
    names = np.array(table.raters, dtype=object)
    order = np.argsort(np.argsort(names)) if len(names) else np.zeros(0, dtype=np.int64)
    rater = table.turns.rater
    swapped = order[rater[first]] > order[rater[second]]
    one, other = np.where(swapped, second, first), np.where(swapped, first, second)
    pair = order[rater[one]] * max(len(names), 1) + order[rater[other]]
    by_name = sorted(table.raters)
    found = []
    for number, lines in _parts(pair):
        a, b = one[lines], other[lines]
        about = {"a": by_name[number // len(names)], "b": by_name[number % len(names)]}
        found.append(about | _compare(table, asked, codes[a], codes[b], table.turns.item[a]))
    return found


def match_reference(
    table: Table, asked: Asked, reference: Mapping[Hashable, Mapping[str, Any]], turns: Any
) -> list[Standing]:
    """Each rater on the items that have a reference (labels as stored). ``turns``: the turn numbers of those items."""
    known = np.full(int(table.lengths.sum()), MISSING, dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(table.lengths)])
    place_of = {value: place for place, value in enumerate(asked.values)}
    for place, item in enumerate(table.items):
        labels = reference.get(item, {}).get("turns", {})
        for offset, number in enumerate(turns[item] if item in reference else ()):
            known[starts[place] + offset] = place_of.get(labels.get(str(number), {}).get("label"), MISSING)
    codes = asked.codes(table)
    expected = known[table.turns.unit]
    both = np.flatnonzero((codes != MISSING) & (expected != MISSING))
    found = []
    for rater, lines in _parts(table.turns.rater[both]):
        chosen = both[lines]
        figure = _compare(table, asked, codes[chosen], expected[chosen], table.turns.item[chosen])
        found.append(Standing(table.raters[rater], figure))
    return sorted(found, key=lambda standing: standing.rater)


def _compare(table: Table, asked: Asked, one: Column, other: Column, items: Column) -> Figure:
    counts = np.zeros((len(one), len(asked.values)), dtype=np.int64)
    lines = np.arange(len(one))
    np.add.at(counts, (lines, one), 1)
    np.add.at(counts, (lines, other), 1)
    groups = table.groups[items]
    return {
        "alpha": write(alpha_of_counts(counts, asked.level, asked.scale(), groups=groups, raters=2)),
        "percent": write(percent_of_counts(counts, groups=groups, raters=2)),
        "units": len(one),
        "items": len(np.unique(items)),
        "cases": len(np.unique(groups)),
    }


def _parts(numbers: Column) -> list[tuple[int, Column]]:
    """Each number with the places where it stands."""
    order = np.argsort(numbers, kind="stable")
    values, starts = np.unique(numbers[order], return_index=True)
    return list(zip(values.tolist(), np.split(order, starts[1:]), strict=True)) if len(values) else []
