"""Figures of the page on what reviewers prefer: each with its interval, a dash for what is not known."""

from django import template

from medaction.agreement.ranking import Estimate
from review.web.words import NOTHING

register = template.Library()


@register.filter
def two(value: float | None) -> str:
    """Two places, with a sign that lines up."""
    return NOTHING if value is None else f"{value:.2f}".replace("-", "−")


@register.filter
def strength(estimate: Estimate | None) -> str:
    return two(estimate.value if estimate else None)


@register.filter
def interval(ends: tuple[float, float] | None) -> str:
    return f"{two(ends[0])} to {two(ends[1])}" if ends else NOTHING


@register.filter
def percents(ends: tuple[float, float] | None) -> str:
    return f"{ends[0]:.0%} to {ends[1]:.0%}" if ends else NOTHING
