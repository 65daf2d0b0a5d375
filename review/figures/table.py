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
    """One reviewer's labels of one item, as stored. ``group``: the case, or cases of one article or patient. ``turns``:
    the numbers of the item's turns."""

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


class TableReader:
    """Takes judgements one at a time and keeps no labels."""

    def __init__(self, content: RubricContent) -> None:
        self._raters, self._items, self._cases = _Numbers(), _Numbers(), _Numbers()
        self._groups, self._lengths, self._starts = array("q"), array("q"), array("q")
        self._turns, self._wholes = _Lines(), _Lines()
        self._seen: set[tuple[int, int]] = set()
        self._end = 0
        self._bits = {name: _bits(getattr(content, name)) for name in ("errors", "hard")}
        self._choices = {each.id: _codes(each) for each in content.turn_questions if each.options}
        self._whole_choices = {each.id: _codes(each) for each in content.trajectory_questions if each.options}

    def add(self, judgement: Judgement) -> None:
        """Raises ``ValueError`` when this rater has judged this item already."""
        rater, item = self._raters[judgement.rater], self._items[judgement.item]
        if (rater, item) in self._seen:
            raise ValueError(f"{judgement.rater!r} has judged {judgement.item!r} twice")
        self._seen.add((rater, item))
        if item == len(self._groups):
            self._groups.append(self._cases[judgement.group])
            self._lengths.append(len(judgement.turns))
            self._starts.append(self._end)
            self._end += len(judgement.turns)
        who = {"_item": item, "_rater": rater, "_day": judgement.day.toordinal()}
        first_error = self._add_turns(judgement, self._starts[item], who)
        answers = judgement.labels.get("trajectory", {}).get("answers", {})
        self._wholes.add(_unit=item, **who, first_error=first_error, **_answers(answers, self._whole_choices))

    def seal(self) -> Table:
        choices = [f"answer:{name}" for name in self._choices]
        whole_choices = [f"answer:{name}" for name in self._whole_choices]
        return Table(
            raters=tuple(self._raters),
            items=tuple(self._items),
            groups=np.array(self._groups, dtype=np.int64),
            lengths=np.array(self._lengths, dtype=np.int64),
            turns=self._turns.seal(["label", "harm", "confidence", "errors", "hard", *choices]),
            wholes=self._wholes.seal(["first_error", *whole_choices]),
        )

    def _add_turns(self, judgement: Judgement, start: int, who: Mapping[str, int]) -> int:
        """Where the first error is, as ``Table`` says."""
        labels = judgement.labels.get("turns", {})
        first, labelled = len(judgement.turns), False
        for place, number in enumerate(judgement.turns):
            turn = labels.get(str(number), {})
            label = _or_missing(turn.get("label"))
            labelled = labelled or label != MISSING
            if label == -1 and not turn.get("inherited"):
                first = min(first, place)
            self._turns.add(
                _unit=start + place,
                **who,
                label=label,
                harm=_or_missing(turn.get("harm")),
                confidence=_or_missing(turn.get("confidence")),
                **{name: sum(bits.get(one, 0) for one in turn.get(name, ())) for name, bits in self._bits.items()},
                **_answers(turn.get("answers", {}), self._choices),
            )
        return first if labelled else MISSING


def read_table(judgements: Iterable[Judgement], content: RubricContent) -> Table:
    reader = TableReader(content)
    for each in judgements:
        reader.add(each)
    return reader.seal()


def _answers(given: Mapping[str, str], known: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {f"answer:{name}": codes.get(given.get(name, ""), MISSING) for name, codes in known.items()}


def _or_missing(value: int | None) -> int:
    return MISSING if value is None else value


def _bits(parts: Sequence[Any]) -> dict[str, int]:
    return {part.id: 1 << place for place, part in enumerate(parts)}


def _codes(question: Any) -> dict[str, int]:
    return {option.value: place for place, option in enumerate(question.options)}
