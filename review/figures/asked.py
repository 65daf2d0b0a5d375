"""What a rubric asks that can be compared, and at which level of measurement."""

from dataclasses import dataclass

import numpy as np

from medaction.agreement import Level
from review.figures.table import MISSING, Column, Sheet, Table
from review.rules import RubricContent


@dataclass(frozen=True, slots=True)
class Asked:
    """``values``: what can be said, ascending; a column holds one of them, or ``MISSING``. ``bit``: of which tick."""

    id: str
    text: str
    level: Level
    whole: bool
    column: str
    values: tuple[int, ...]
    bit: int = -1

    def sheet(self, table: Table) -> Sheet:
        return table.wholes if self.whole else table.turns

    def codes(self, table: Table) -> Column:
        """For each line of the sheet a place in ``values``, ``MISSING`` where nothing was said."""
        said = self.sheet(table).said
        if self.bit >= 0:
            # A kind of error is said or not said of every turn that has a label.
            ticked: Column = np.where(said["label"] == MISSING, MISSING, said[self.column] >> self.bit & 1)
            return ticked
        found = np.full(len(said[self.column]), MISSING, dtype=np.int64)
        for place, value in enumerate(self.values):
            found[said[self.column] == value] = place
        return found

    def scale(self) -> np.ndarray:
        return np.array(self.values, dtype=np.float64)


STEP = "label"


def list_asked(content: RubricContent) -> list[Asked]:
    """Step labels and harm are ordinal, confidence is an interval, kinds of error and choices are nominal.

    Texts cannot be compared and are left out.
    """

    def levels(name: str, parts: tuple, level: Level, text: str) -> list[Asked]:
        values = tuple(sorted(part.value for part in parts))
        return [Asked(name, text, level, False, name, values)] if values else []

    asked = levels(STEP, content.steps, Level.ORDINAL, "Step label")
    asked += [
        Asked(f"error:{choice.id}", choice.word, Level.NOMINAL, False, "errors", (0, 1), bit)
        for bit, choice in enumerate(content.errors)
    ]
    asked += levels("harm", content.harms, Level.ORDINAL, "Harm")
    asked += levels("confidence", content.confidence, Level.INTERVAL, "How sure")
    for whole, questions in ((False, content.turn_questions), (True, content.trajectory_questions)):
        asked += [
            Asked(
                f"answer:{question.id}",
                question.text,
                Level.NOMINAL,
                whole,
                f"answer:{question.id}",
                tuple(range(len(question.options))),
            )
            for question in questions
            if question.options
        ]
    return asked
