"""What several reviewers said, side by side, with what only some of them said marked."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.rules import RubricContent, TurnLabel
from review.selectors.adjudicating import Compared, Disagreement
from review.web.words import NOTHING, describe

FIELDS = {"errors": "", "harm": "harm: ", "confidence": "sure: ", "hard": "hard: ", "answers": ""}
DIFFERENCES = {"label": "The labels differ", "details": "The same label, other details", "": "No difference"}


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Column:
    """``turn`` as a reviewer labelled it; ``words``: everything beside the label."""

    letter: str
    turn: TurnLabel
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of all reviewers."""

    compared: Compared
    difference: str
    columns: tuple[Column, ...]

    @property
    def number(self) -> int:
        return self.compared.number


@dataclass(frozen=True, slots=True)
class Answer:
    question: str
    given: tuple[str, ...]
    differs: bool


def list_lines(seen: Disagreement) -> list[Line]:
    return [Line(each, DIFFERENCES[each.differs], _columns(each, seen.content)) for each in seen.turns]


def list_answers(seen: Disagreement) -> list[Answer]:
    """The questions about the whole, each with what every reviewer answered."""
    found = []
    for question in seen.content.trajectory_questions:
        words = {option.value: option.word for option in question.options}
        given = [judge.labels.trajectory.answers.get(question.id, "") for judge in seen.judges]
        shown = tuple(words.get(each, each) or NOTHING for each in given)
        found.append(Answer(question.text, shown, len(set(given)) > 1))
    comments = tuple(judge.labels.trajectory.comment or NOTHING for judge in seen.judges)
    return [*found, Answer("Comment", comments, differs=False)]


def line_of(lines: Sequence[Line], block: object) -> Line | None:
    """What was said of the turn that this block shows; None for other blocks."""
    return next((line for line in lines if line.compared.block is block), None)


def _columns(compared: Compared, content: RubricContent) -> tuple[Column, ...]:
    said = [_say(each.turn, content) for each in compared.said]
    common = set(said[0]).intersection(*said[1:]) if said else set()
    return tuple(
        Column(each.letter, each.turn, tuple(Words(word, word not in common) for word in words))
        for each, words in zip(compared.said, said, strict=True)
    )


def _say(turn: TurnLabel, content: RubricContent) -> list[str]:
    words = [(title, describe(content, name, getattr(turn, name))) for name, title in FIELDS.items()]
    found = [f"{title}{text}" for title, text in words if text != NOTHING]
    return found + (["inherits an earlier error"] if turn.inherited else [])
