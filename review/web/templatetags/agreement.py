"""Figures of agreement in words and as small charts."""

from collections.abc import Mapping
from typing import Any

from django import template

from review.web.whisker import draw_whisker

register = template.Library()


@register.filter
def figure(found: Mapping[str, Any]) -> str:
    """``0.62 (0.55 to 0.69)``; what is not defined says why."""
    if found["value"] is None:
        return f"not defined: {found['reason']}"
    return _with_interval(f"{found['value']:.2f}", found, "{:.2f}")


@register.filter
def figure_percent(found: Mapping[str, Any]) -> str:
    if found["value"] is None:
        return f"not defined: {found['reason']}"
    return _percent(found["value"], found["interval"])


@register.filter
def share_words(found: Mapping[str, Any]) -> str:
    """``24 % (20 % to 28 %)``."""
    if found["share"] is None:
        return f"not defined: {found['reason']}"
    return _percent(found["share"], found["interval"])


@register.filter
def turns_words(found: Mapping[str, Any]) -> str:
    """A distance in turns."""
    if found["turns"] is None:
        return f"not defined: {found['reason']}"
    return _with_interval(f"{found['turns']:.2f}", found, "{:.2f}") + " turns"


@register.filter
def as_figure(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """A share, to be drawn."""
    return {"value": found["share"], "interval": found["interval"]}


@register.filter
def depth(value: float | None) -> int:
    """How dark a cell is, 0 to 4."""
    return 0 if value is None else max(0, min(4, int(value * 5)))


@register.inclusion_tag("review/parts/whisker.html")
def whisker(found: Mapping[str, Any], low: float = -0.5, high: float = 1.0) -> dict[str, Any]:
    return {"whisker": draw_whisker(found, low, high)}


def _percent(value: float, interval: Any) -> str:
    """Why there is no interval stands beside it, with alpha, and in the files."""
    if interval is None:
        return f"{value:.0%} (no interval)"
    return f"{value:.0%} ({interval[0]:.0%} to {interval[1]:.0%})"


def _with_interval(value: str, found: Mapping[str, Any], form: str) -> str:
    if found["interval"] is None:
        return f"{value} (no interval: {found['reason']})"
    low, high = (form.format(bound) for bound in found["interval"])
    return f"{value} ({low} to {high})"
