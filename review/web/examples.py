"""Which turns of a decided item may be marked as examples, of what, and which are."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.models import Exemplar
from review.rules import Labels, Point, points_of
from review.selectors.adjudicating import Disagreement


@dataclass(frozen=True, slots=True)
class Marking:
    """``points``: what the label that counts says of this turn and no example shows yet."""

    number: int
    points: tuple[Point, ...]
    marked: tuple[tuple[str, Exemplar], ...]


def list_markings(seen: Disagreement) -> list[Marking]:
    """One query; nothing before the item is decided."""
    if seen.decided is None:
        return []
    labels = Labels.model_validate(seen.decided.annotation.labels)
    exemplars = list(Exemplar.objects.filter(adjudication=seen.decided))
    return [_marking(seen, labels, exemplars, each.number) for each in seen.turns]


def _marking(seen: Disagreement, labels: Labels, exemplars: Sequence[Exemplar], number: int) -> Marking:
    points = points_of(seen.content, labels.of(number))
    words = {point.id: point.word for point in points}
    marked = tuple((words[each.point], each) for each in exemplars if each.turn_number == number)
    taken = {exemplar.point for _, exemplar in marked}
    return Marking(number, tuple(point for point in points if point.id not in taken), marked)
