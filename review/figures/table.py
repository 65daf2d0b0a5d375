"""Judgements as columns of numbers: a hundred thousand of them fit where their labels would not."""

from array import array
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from review.rules import RubricContent

Column = NDArray[np.int64]
MISSING = -9


@dataclass(frozen=True, slots=True)
class Judgement:
    """One reviewer's labels of one item, as stored. ``group``: the case. ``turns``: the numbers of the item's turns."""

    item: Hashable
    group: Hashable
    rater: str
    day: date
    turns: Sequence[int]
    labels: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Columns of equal length, one place for each thing judged by one rater. ``unit`` is what was judged: a turn of an
    item, or an item; ``said`` has a column for each question, ``MISSING`` where nothing was said."""

    unit: Column
    item: Column
    rater: Column
    day: Column
    said: Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Table:
    """``turns`` and ``wholes`` hold the same judgements. ``groups``: the case of each item, as a number; ``lengths``:
    the turns of each item. Among ``said`` of ``wholes`` is ``first_error``: the place from 0 of the first error that is
    not inherited, the number of turns where there is none, ``MISSING`` where no turn was labelled."""

    raters: tuple[str, ...]
    items: tuple[Hashable, ...]
    groups: Column
    lengths: Column
    turns: Sheet
    wholes: Sheet


@dataclass(slots=True)
class _Lines:
    columns: dict[str, array] = field(default_factory=dict)

    def add(self, **values: int) -> None:
        for name, value in values.items():
            self.columns.setdefault(name, array("q")).append(value)

    def seal(self, names: Iterable[str]) -> Sheet:
        found = {name: np.array(column, dtype=np.int64) for name, column in self.columns.items()}
        empty = np.zeros(0, dtype=np.int64)
        said = {name: found.get(name, empty) for name in names}
        return Sheet(*(found.get(f"_{name}", empty) for name in ("unit", "item", "rater", "day")), said)


class _Numbers(dict[Hashable, int]):
    """Numbers things as they come."""

    def __missing__(self, key: Hashable) -> int:
        self[key] = len(self)
        return self[key]


def read_table(judgements: Iterable[Judgement], content: RubricContent) -> Table:
    """Read once, a judgement at a time. Raises ``ValueError`` when a rater has judged an item twice."""
    raters, items, cases = _Numbers(), _Numbers(), _Numbers()
    groups, lengths, starts = array("q"), array("q"), array("q")
    turns, wholes = _Lines(), _Lines()
    bits = {name: _bits(getattr(content, name)) for name in ("errors", "hard")}
    choices = {question.id: _codes(question) for question in content.turn_questions if question.options}
    whole_choices = {question.id: _codes(question) for question in content.trajectory_questions if question.options}
    seen = set()
    end = 0
    for each in judgements:
        rater, item = raters[each.rater], items[each.item]
        if (rater, item) in seen:
            raise ValueError(f"{each.rater!r} has judged {each.item!r} twice")
        seen.add((rater, item))
        if item == len(groups):
            groups.append(cases[each.group])
            lengths.append(len(each.turns))
            starts.append(end)
            end += len(each.turns)
        who = {"_item": item, "_rater": rater, "_day": each.day.toordinal()}
        labels = each.labels.get("turns", {})
        first, labelled = len(each.turns), False
        for place, number in enumerate(each.turns):
            turn = labels.get(str(number), {})
            label = _or_missing(turn.get("label"))
            labelled = labelled or label != MISSING
            if label == -1 and not turn.get("inherited") and place < first:
                first = place
            answers = turn.get("answers", {})
            turns.add(
                _unit=starts[item] + place,
                **who,
                label=label,
                harm=_or_missing(turn.get("harm")),
                confidence=_or_missing(turn.get("confidence")),
                errors=sum(bits["errors"].get(one, 0) for one in turn.get("errors", ())),
                hard=sum(bits["hard"].get(one, 0) for one in turn.get("hard", ())),
                **{f"answer:{name}": known.get(answers.get(name, ""), MISSING) for name, known in choices.items()},
            )
        answers = each.labels.get("trajectory", {}).get("answers", {})
        said = {f"answer:{name}": known.get(answers.get(name, ""), MISSING) for name, known in whole_choices.items()}
        wholes.add(_unit=item, **who, first_error=first if labelled else MISSING, **said)
    return Table(
        raters=tuple(raters),
        items=tuple(items),
        groups=np.array(groups, dtype=np.int64),
        lengths=np.array(lengths, dtype=np.int64),
        turns=turns.seal(["label", "harm", "confidence", "errors", "hard", *(f"answer:{name}" for name in choices)]),
        wholes=wholes.seal(["first_error", *(f"answer:{name}" for name in whole_choices)]),
    )


def _or_missing(value: int | None) -> int:
    return MISSING if value is None else value


def _bits(parts: Sequence[Any]) -> dict[str, int]:
    return {part.id: 1 << place for place, part in enumerate(parts)}


def _codes(question: Any) -> dict[str, int]:
    return {option.value: place for place, option in enumerate(question.options)}
