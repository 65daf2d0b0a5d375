"""A value with its interval as a line and a dot, drawn on the server. Units of the SVG's view box."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, MARGIN = 140.0, 20.0, 6.0


@dataclass(frozen=True, slots=True)
class Whisker:
    """``zero``: where 0 lies. ``left`` and ``right`` are None without an interval. What lies outside the scale is drawn
    at its end."""

    at: float
    zero: float
    left: float | None
    right: float | None
    width: float = WIDTH
    height: float = HEIGHT
    middle: float = HEIGHT / 2


def draw_whisker(figure: Mapping[str, Any], low: float, high: float) -> Whisker | None:
    """``figure``: ``value`` and ``interval``; None where there is no value."""
    if figure["value"] is None:
        return None

    def place(value: float) -> float:
        portion = (min(max(value, low), high) - low) / (high - low)
        return round(MARGIN + portion * (WIDTH - 2 * MARGIN), 2)

    left, right = figure["interval"] or (None, None)
    return Whisker(
        at=place(figure["value"]),
        zero=place(0.0),
        left=None if left is None else place(left),
        right=None if right is None else place(right),
    )
