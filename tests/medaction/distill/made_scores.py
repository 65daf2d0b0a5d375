"""Scores written by hand, for rules that read them."""

from collections.abc import Sequence
from typing import Any

from medaction.metrics import BranchScore, TurnScore


def make_turn(number: int, **changed: Any) -> TurnScore:
    """A turn without a fault."""
    fields: dict[str, Any] = {
        "alignment": 0.9, "divergent": False, "rac": 1.0, "grounding": 1.0, "coverage": 1.0, "stated": True,
    }  # fmt: skip
    return TurnScore(number=number, **{**fields, **changed})


def make_score(turns: Sequence[TurnScore] | None = None, **changed: Any) -> BranchScore:
    """A branch that is retained."""
    fields: dict[str, Any] = {
        "leaf": 7, "metric_version": "1", "graph": "g", "dtc": 0.9, "rac": 0.8, "grounding": 1.0, "coverage": 1.0,
        "correct": True, "turns": tuple(turns or map(make_turn, (2, 3, 4))),
    }  # fmt: skip
    return BranchScore(**{**fields, **changed})
