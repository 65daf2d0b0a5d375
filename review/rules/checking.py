"""What is still missing before a judgement counts. ``field``: the name that the page gives to where it goes."""

from collections.abc import Iterable
from dataclasses import dataclass

from .content import Question, RubricContent
from .labels import Labels


@dataclass(frozen=True, slots=True)
class Gap:
    field: str
    sentence: str


def find_turn_gaps(content: RubricContent, labels: Labels, number: int) -> list[Gap]:
    """What turn ``number`` still needs. An unmarked turn needs nothing: not judging is allowed, and counted as that."""
    turn = labels.of(number)
    if turn.label is None:
        return []
    gaps = []
    if turn.label == -1:
        if turn.inherited and not any(earlier < number and labels.of(earlier).label == -1 for earlier in labels.turns):
            gaps.append(Gap("inherited", "No earlier turn is marked wrong, so there is no error to inherit."))
        if content.errors and content.errors_required and not turn.errors and not turn.inherited:
            gaps.append(Gap("errors", "Say what is wrong: tick at least one kind of error."))
        if content.harms and content.harm_required and turn.harm is None:
            gaps.append(Gap("harm", "Say how much harm this could do."))
    if content.confidence and content.confidence_required and turn.confidence is None:
        gaps.append(Gap("confidence", "Say how sure you are."))
    return gaps + _question_gaps(content.turn_questions, turn.answers)


def find_trajectory_gaps(content: RubricContent, labels: Labels) -> list[Gap]:
    return _question_gaps(content.trajectory_questions, labels.trajectory.answers)


def _question_gaps(questions: Iterable[Question], answers: dict[str, str]) -> list[Gap]:
    return [
        Gap(f"answer_{question.id}", f"Answer: {question.text}")
        for question in questions
        if question.required and not answers.get(question.id, "").strip()
    ]
