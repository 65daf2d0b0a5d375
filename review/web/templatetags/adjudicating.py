"""Finding what belongs to a turn, on the pages of those who decide."""

from collections.abc import Sequence

from django import template

from review.rules import Labels, TurnLabel
from review.web.beside import Line, line_of
from review.web.examples import Marking

register = template.Library()
register.filter(line_of)


@register.filter
def marking_of(markings: Sequence[Marking], line: Line) -> Marking | None:
    return next((marking for marking in markings if marking.number == line.number), None)


@register.filter
def label_of(labels: Labels, line: Line) -> TurnLabel:
    return labels.of(line.number)


@register.filter
def agreed(share: float | None) -> str:
    """How far an item's judgements agree, in words where it cannot be told."""
    return "nothing to compare" if share is None else f"{share:.0%} agreement"
