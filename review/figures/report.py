"""All figures of one version of a rubric as one JSON document."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from review.figures.asked import STEP, Asked, list_asked
from review.figures.drift import measure_drift
from review.figures.matching import Standing, match_raters, match_reference
from review.figures.passes import compare_passes
from review.figures.reliability import measure_first_error, measure_question
from review.figures.splitting import split_disagreements
from review.figures.table import Table
from review.rules import RubricContent

# What a figure means; another number where one is computed otherwise.
METRIC = "agreement/1"

References = Mapping[Hashable, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """What raters are held against: labels of gold items and of adjudicated ones, and those items' turn numbers."""

    gold: References
    authoritative: References
    turns: Mapping[Hashable, Sequence[int]]


def build_report(first: Table, second: Table, gold: Table, known: Known, content: RubricContent) -> dict[str, Any]:
    """``first`` and ``second``: the same judgements of real items, blind and with the truth. ``gold``: blind judgements
    of gold items, which count for nothing but the comparison with gold."""
    asked = list_asked(content)
    step = step_of(asked)
    return {
        "metric": METRIC,
        "judgements": len(second.wholes.unit),
        "items": len(second.items),
        "cases": len(set(second.groups.tolist())),
        "raters": len(second.raters),
        "questions": [measure_question(second, each) for each in asked],
        "not_compared": [
            each.text for each in (*content.turn_questions, *content.trajectory_questions) if not each.options
        ],
        "first_error": measure_first_error(second),
        "passes": compare_passes(first, second, step),
        "drift": measure_drift(second, step),
        "split": split_disagreements(second, step, content),
        "pairs": match_raters(second, step),
        "gold": _write(match_reference(gold, step, known.gold, known.turns)),
        "authoritative": _write(match_reference(second, step, known.authoritative, known.turns)),
    }


def step_of(asked: Sequence[Asked]) -> Asked:
    return next(each for each in asked if each.id == STEP)


def _write(standings: Sequence[Standing]) -> list[dict[str, Any]]:
    return [{"rater": each.rater} | each.figure for each in standings]
