"""Disagreements by what the reviewers themselves said of why a turn is hard."""

from typing import Any

import numpy as np

from medaction.agreement import leave_out_means, number_groups, spread
from review.figures.asked import Asked
from review.figures.reliability import Figure, count_said
from review.figures.table import Column, Table
from review.rules import RubricContent

# The reason that no better case, wording or choice of reviewer would take away.
GENUINE = "genuine_equipoise"


def split_disagreements(table: Table, asked: Asked, content: RubricContent) -> dict[str, Any]:
    """Turns whose step labels differ. *Reducible*: somebody ticked another reason than genuine equipoise; *genuine*:
    only that; *both*; *unexplained*: nobody ticked any. Shares are of all that differ; reasons may stand together."""
    counted = count_said(table, asked)
    differing = (counted.counts > 0).sum(1) >= 2
    reasons = _reasons(table, counted.units)[differing]
    groups = counted.groups[differing]
    bits = {reason.id: 1 << place for place, reason in enumerate(content.hard)}
    genuine = reasons & bits.get(GENUINE, 0) > 0
    reducible = reasons & ~bits.get(GENUINE, 0) > 0
    kinds = {
        "reducible": reducible & ~genuine,
        "genuine": genuine & ~reducible,
        "both": genuine & reducible,
        "unexplained": ~genuine & ~reducible,
    }
    return {
        "n": int(differing.sum()),
        "of": int((counted.counts.sum(1) >= 2).sum()),
        "cases": len(np.unique(groups)),
        "kinds": [{"kind": name} | share(found, groups) for name, found in kinds.items()],
        "reasons": [
            {"id": reason.id, "word": reason.word} | share(reasons & bits[reason.id] > 0, groups)
            for reason in content.hard
        ],
    }


def share(found: np.ndarray, groups: Column) -> Figure:
    """How often, with an interval that leaves out a case at a time."""
    if not len(found):
        return {"n": 0, "share": None, "interval": None, "reason": "no turn is labelled differently"}
    values = found.astype(np.float64)
    left_out = leave_out_means(values, number_groups(groups, len(groups)))
    interval, reason = spread(float(values.mean()), left_out, least=0.0)
    return {
        "n": int(found.sum()),
        "share": float(values.mean()),
        "interval": None if interval is None else list(interval),
        "reason": None if reason is None else reason.value,
    }


def _reasons(table: Table, units: Column) -> Column:
    """For each of these turns all the reasons that anybody ticked, as bits; also of those who left it unmarked."""
    ticked = np.zeros(int(table.lengths.sum()), dtype=np.int64)
    np.bitwise_or.at(ticked, table.turns.unit, table.turns.said["hard"])
    chosen: Column = ticked[units]
    return chosen
