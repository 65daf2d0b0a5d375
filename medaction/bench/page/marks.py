"""What stands in a chart for a run: always a colour and a shape, so that neither carries it alone."""

from collections.abc import Sequence

from .markup import Markup, tag

SHAPES = ("circle", "square", "diamond", "triangle", "cross", "ring")
COLOURS = 8

Point = tuple[float, float]


def run_class(run: int) -> str:
    return f"run-{run % COLOURS + 1}"


def mark(run: int, x: float, y: float, size: float = 5.0, title: str | None = None) -> Markup:
    """The run's shape at a place; ``title`` appears under the pointer."""
    told = tag("title", title) if title else None
    shape = SHAPES[run % len(SHAPES)]
    name = f"mark {run_class(run)}"
    if shape == "circle":
        return tag("circle", told, cx=x, cy=y, r=size, class_=name)
    if shape == "ring":
        return tag("circle", told, cx=x, cy=y, r=size, class_=f"{name} hollow")
    if shape == "square":
        return tag("rect", told, x=x - size, y=y - size, width=2 * size, height=2 * size, class_=name)
    reach = size * 1.3
    corners = {
        "diamond": [(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)],
        "triangle": [(x, y - reach), (x + reach, y + size), (x - reach, y + size)],
        "cross": _cross(x, y, size),
    }[shape]
    return tag("polygon", told, points=_path(corners), class_=name)


def line(run: int, points: Sequence[Point]) -> Markup:
    return tag("polyline", points=_path(points), class_=f"line {run_class(run)}")


def band(run: int, upper: Sequence[Point], lower: Sequence[Point]) -> Markup:
    """The area between two lines: an interval along a curve."""
    return tag("polygon", points=_path([*upper, *reversed(lower)]), class_=f"band {run_class(run)}")


def whisker(run: int, start: Point, end: Point) -> Markup:
    """An interval."""
    return tag("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=f"whisker {run_class(run)}")


def key(labels: Sequence[str], runs: Sequence[int] | None = None) -> Markup:
    """Which mark is which run; of all runs, or of some."""
    return tag(
        "ul",
        [
            tag("li", tag("svg", mark(run, 8, 8), viewBox="0 0 16 16", class_="swatch", aria_hidden="true"), label)
            for run, label in enumerate(labels)
            if runs is None or run in runs
        ],
        class_="key",
    )


def _path(points: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in ((round(x, 2), round(y, 2)) for x, y in points))


def _cross(x: float, y: float, size: float) -> list[Point]:
    a, b = size * 1.15, size * 0.4
    corners = [
        (-b, -a),
        (b, -a),
        (b, -b),
        (a, -b),
        (a, b),
        (b, b),
        (b, a),
        (-b, a),
        (-b, b),
        (-a, b),
        (-a, -b),
        (-b, -b),
    ]
    return [(x + dx, y + dy) for dx, dy in corners]
