"""Numbers as they are read: with their interval and n, and a dash where nothing is known."""

from collections.abc import Mapping
from typing import Any

from .markup import Markup, tag

NOTHING = "–"


def share(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1%}".replace("%", " %")


def points(value: float | None) -> str:
    """A difference of shares, in percentage points."""
    return NOTHING if value is None else _signed(100 * value, 1)


def plain(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}".replace("-", "−")


def dollars(value: float | None) -> str:
    return NOTHING if value is None else f"${value:,.0f}"


WRITERS = {
    "cost": dollars,
    "brier": plain,
    "turns": plain,
    "dtc": plain,
    "rac": plain,
    "dtc_slope": plain,
    "rac_slope": plain,
}


def write(name: str, value: float | None) -> str:
    """As fits the figure of this name."""
    return WRITERS.get(name, share)(value)


def write_p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def write_difference(name: str, value: float) -> str:
    """With its sign: percentage points for shares."""
    if name == "cost":
        return _signed(value, 0)
    return _signed(value, 2) if name in WRITERS else points(value)


def _signed(value: float, digits: int) -> str:
    rounded = round(value, digits)
    return f"{rounded:+,.{digits}f}".replace("-", "−") if rounded else f"{0:.{digits}f}"


def figure_cell(name: str, figure: Mapping[str, Any] | None, *, with_n: bool = False) -> Markup:
    """A table cell: the value, its interval below, and n when it is not the run's."""
    if figure is None or figure["value"] is None:
        return tag("td", NOTHING, class_="number none")
    n = f", n {figure['n']:,}" if with_n else ""
    ends = [write(name, end) for end in figure["ci"] or ()]
    told = f"{ends[0].removesuffix(' %')} to {ends[1]}{n}" if ends else n.removeprefix(", ")
    return tag("td", write(name, figure["value"]), tag("span", told, class_="interval"), class_="number")
