"""What one reviewer says about one trajectory. ``Labels.model_json_schema()`` is the JSON Schema of what is stored."""

from collections.abc import Collection, Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from .content import Question, RubricContent, sentence

COMMENT_LIMIT = 20_000
# What PostgreSQL cannot store in JSON, and control characters that come along when text is pasted from elsewhere.
UNPRINTABLE = {code: " " if code in (0x0B, 0x0C) else None for code in range(32) if chr(code) not in "\t\n"}
Text = Annotated[str, StringConstraints(max_length=COMMENT_LIMIT)]


class LabelsError(ValueError):
    """Labels that cannot be kept. ``sentences`` say where and why."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(self.sentences))


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TurnLabel(Part):
    """``label`` None is unmarked. ``inherited``: wrong because an earlier turn was. ``hindsight``: given or changed
    when a later turn had already been shown, so it is no judgement without the future.
    """

    label: Literal[1, 0, -1] | None = None
    inherited: bool = False
    errors: tuple[str, ...] = ()
    harm: int | None = None
    confidence: int | None = None
    hard: tuple[str, ...] = ()
    answers: dict[str, Text] = {}
    comment: Text = ""
    hindsight: bool = False


class TrajectoryLabel(Part):
    answers: dict[str, Text] = {}
    comment: Text = ""


class Labels(Part):
    """``turns`` by turn number, as a trajectory counts them: the first turn is 2."""

    turns: Annotated[dict[int, TurnLabel], Field(max_length=100)] = {}
    trajectory: TrajectoryLabel = TrajectoryLabel()

    @property
    def first_error(self) -> int | None:
        """The first turn that is wrong and did not inherit it."""
        wrong = (number for number, turn in sorted(self.turns.items()) if turn.label == -1 and not turn.inherited)
        return next(wrong, None)

    def of(self, number: int) -> TurnLabel:
        return self.turns.get(number, TurnLabel())

    def put(self, number: int, turn: TurnLabel) -> "Labels":
        return Labels(turns={**self.turns, number: turn}, trajectory=self.trajectory)

    def to_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def clean_text(text: str) -> str:
    """Line ends as \\n; nothing that cannot be stored or shown. The words stay as they are."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(UNPRINTABLE)


def read_labels(value: Any, content: RubricContent, numbers: Collection[int]) -> Labels:
    """Labels that this rubric allows for turns with these numbers; they need not be complete.

    Raises :class:`LabelsError` with a sentence for each fault.
    """
    try:
        labels = Labels.model_validate(value)
    except ValidationError as error:
        raise LabelsError(sentence(each) for each in error.errors()) from None
    faults = [
        fault
        for number, turn in labels.turns.items()
        for fault in ([] if number in numbers else [f"There is no turn {number}."]) + _turn_faults(turn, content)
    ]
    faults += _answer_faults(labels.trajectory.answers, content.trajectory_questions)
    if faults:
        raise LabelsError(faults)
    return labels


def _turn_faults(turn: TurnLabel, content: RubricContent) -> list[str]:
    faults = []
    if turn.label is not None and turn.label not in {step.value for step in content.steps}:
        faults.append(f"The rubric knows no step label {turn.label}.")
    if turn.inherited and turn.label != -1:
        faults.append("Only a wrong turn can inherit an error.")
    for what, given, known in (
        ("error", turn.errors, {choice.id for choice in content.errors}),
        ("reason", turn.hard, {reason.id for reason in content.hard}),
    ):
        faults += [f"The rubric knows no {what} {each}." for each in given if each not in known]
    for what, level, levels in (
        ("harm", turn.harm, content.harms),
        ("confidence", turn.confidence, content.confidence),
    ):
        if level is not None and level not in {each.value for each in levels}:
            faults.append(f"The rubric knows no {what} {level}.")
    return faults + _answer_faults(turn.answers, content.turn_questions)


def _answer_faults(answers: dict[str, str], questions: tuple[Question, ...]) -> list[str]:
    known = {question.id: question for question in questions}
    faults = []
    for name, answer in answers.items():
        question = known.get(name)
        if question is None:
            faults.append(f"The rubric asks no question {name}.")
        elif question.kind == "choice" and answer not in {option.value for option in question.options}:
            faults.append(f"{question.text} has no answer {answer}.")
    return faults
