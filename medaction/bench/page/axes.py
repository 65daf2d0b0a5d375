"""The frame of a chart: where a value lies, grid lines, and labels. Sizes in units of the SVG's view box."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10

from .markup import Markup, tag


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot of ``width`` × ``height`` whose inside begins at ``left``, ``top``; x and y run from low to high."""

    x: tuple[float, float]
    y: tuple[float, float] = (0.0, 1.0)
    width: float = 560.0
    height: float = 320.0
    left: float = 52.0
    right: float = 16.0
    top: float = 14.0
    bottom: float = 46.0

    def at_x(self, value: float) -> float:
        return round(self.left + (self.width - self.left - self.right) * _portion(value, self.x), 2)

    def at_y(self, value: float) -> float:
        return round(self.height - self.bottom - (self.height - self.top - self.bottom) * _portion(value, self.y), 2)

    def draw(self, title: str, *content: object) -> Markup:
        """The chart; ``title`` is what a screen reader says of it."""
        return tag(
            "svg",
            tag("title", title),
            *content,
            viewBox=f"0 0 {self.width:g} {self.height:g}",
            role="img",
            class_="chart wide" if self.width > 600 else "chart",
            style=f"max-width:{self.width:g}px",
        )

    def grid_y(self, ticks: Sequence[float], write: Callable[[float], str], label: str = "") -> list[Markup]:
        """Horizontal lines with their values at the left, and the axis' name above."""
        left, right = self.left, self.width - self.right
        marks = []
        for value in ticks:
            y = self.at_y(value)
            marks.append(tag("line", x1=left, x2=right, y1=y, y2=y, class_="grid"))
            marks.append(tag("text", write(value), x=left - 8, y=y + 4, text_anchor="end", class_="tick"))
        if label:
            middle = self.at_y(sum(self.y) / 2)
            turned = f"rotate(-90 14 {middle})"
            marks.append(tag("text", label, x=14, y=middle, transform=turned, text_anchor="middle", class_="axis"))
        return marks

    def grid_x(self, ticks: Sequence[float], write: Callable[[float], str], label: str = "") -> list[Markup]:
        """Vertical lines with their values below, and the axis' name under them."""
        top, bottom = self.top, self.height - self.bottom
        marks = []
        for value in ticks:
            x = self.at_x(value)
            marks.append(tag("line", x1=x, x2=x, y1=top, y2=bottom, class_="grid"))
            marks.append(tag("text", write(value), x=x, y=bottom + 18, text_anchor="middle", class_="tick"))
        if label:
            x = self.at_x(sum(self.x) / 2)
            marks.append(tag("text", label, x=x, y=self.height - 8, text_anchor="middle", class_="axis"))
        return marks


def _portion(value: float, span: tuple[float, float]) -> float:
    low, high = span
    return 0.5 if high == low else (value - low) / (high - low)


def nice_ticks(high: float, most: int = 6) -> list[float]:
    """From 0 to at least ``high`` in steps of 1, 2 or 5 times a power of ten."""
    if high <= 0:
        return [0.0, 1.0]
    power = 10.0 ** floor(log10(high / most))
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power, 20 * power) if high / step <= most)
    return [round(step * place, 10) for place in range(int(-(-high // step)) + 1)]
