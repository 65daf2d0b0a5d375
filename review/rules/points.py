"""The points of a rubric that a turn can illustrate: what its label says, each under its own name."""

from dataclasses import dataclass

from .content import RubricContent
from .labels import TurnLabel

PARTS = {"steps": "How a turn is labelled", "errors": "Kinds of error", "harms": "Harm", "hard": "Why a turn is hard"}


@dataclass(frozen=True, slots=True)
class Point:
    """``id`` is ``part:value``, as ``steps:-1`` or ``errors:anchoring``."""

    id: str
    part: str
    word: str
    meaning: str


def list_points(content: RubricContent) -> list[Point]:
    """All that the rubric defines of a turn, in its order."""
    ways = [("steps", step.value, step) for step in content.steps]
    ways += [("errors", choice.id, choice) for choice in content.errors]
    ways += [("harms", level.value, level) for level in content.harms]
    ways += [("hard", reason.id, reason) for reason in content.hard]
    return [Point(f"{part}:{value}", part, each.word, each.meaning) for part, value, each in ways]


def points_of(content: RubricContent, turn: TurnLabel) -> list[Point]:
    """Those that this label says."""
    said = {f"steps:{turn.label}", f"harms:{turn.harm}"}
    said |= {f"errors:{each}" for each in turn.errors} | {f"hard:{each}" for each in turn.hard}
    return [point for point in list_points(content) if point.id in said]
