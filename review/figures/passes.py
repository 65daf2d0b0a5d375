"""What the truth changes: the blind first pass beside the second."""

from typing import Any

from review.figures.asked import Asked
from review.figures.reliability import count_said, measure
from review.figures.splitting import share
from review.figures.table import MISSING, Table


def compare_passes(first: Table, second: Table, asked: Asked) -> dict[str, Any]:
    """Agreement among reviewers in each pass, and how many of their own labels they changed.

    Both tables hold the same judgements, each in the order in which it was read.
    """
    changed = _changed(first, second, asked)
    return {
        "first": measure(count_said(first, asked), asked),
        "second": measure(count_said(second, asked), asked),
        "changed": changed,
    }


def _changed(first: Table, second: Table, asked: Asked) -> dict[str, Any]:
    before, after = asked.codes(first), asked.codes(second)
    same = len(before) == len(after) and (first.raters, first.items) == (second.raters, second.items)
    if not same or (first.turns.unit != second.turns.unit).any() or (first.turns.rater != second.turns.rater).any():
        raise ValueError("the passes do not hold the same judgements")
    both = (before != MISSING) & (after != MISSING)
    found = share((before != after)[both], second.groups[second.turns.item[both]])
    return found | {"of": int(both.sum()), "reason": found["reason"] if both.any() else "no turn was labelled twice"}
