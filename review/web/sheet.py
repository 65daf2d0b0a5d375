"""A form of labels as the browser sends it: one turn in the first pass, all of them in the second.

Names are ``t<turn>-label`` and so on, ``all-…`` for the whole trajectory; ``t<turn>-here`` says that a turn was on the
page, because a box that is not ticked is not sent.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.http import QueryDict

from review.rules import COMMENT_LIMIT, RubricContent, TrajectoryLabel, TurnLabel
from review.rules.content import Question
from review.rules.labels import clean_text

WHOLE = "all"


@dataclass(slots=True)
class Sheet:
    """``faults`` by field name: what cannot be kept as it is. ``turns`` holds it all the same, to be shown again."""

    turns: dict[int, TurnLabel] = field(default_factory=dict)
    trajectory: TrajectoryLabel | None = None
    faults: dict[str, str] = field(default_factory=dict)


def read_sheet(post: QueryDict, content: RubricContent, numbers: Collection[int]) -> Sheet:
    sheet = Sheet()
    for number in numbers:
        prefix = f"t{number}"
        if f"{prefix}-here" in post:
            sheet.turns[number] = _read_turn(post, prefix, content, sheet.faults)
    if f"{WHOLE}-here" in post:
        sheet.trajectory = TrajectoryLabel.model_construct(
            answers=_answers(post, WHOLE, content.trajectory_questions, sheet.faults),
            comment=_text(post, f"{WHOLE}-comment", sheet.faults),
        )
    return sheet


def _read_turn(post: QueryDict, prefix: str, content: RubricContent, faults: dict[str, str]) -> TurnLabel:
    label = _integer(post.get(f"{prefix}-label"), {step.value for step in content.steps})
    # Not checked again: what is too long must come back to the page as it was sent.
    return TurnLabel.model_construct(
        label=label,
        inherited=label == -1 and f"{prefix}-inherited" in post,
        errors=_ticked(post, f"{prefix}-errors", [choice.id for choice in content.errors]),
        harm=_integer(post.get(f"{prefix}-harm"), {level.value for level in content.harms}),
        confidence=_integer(post.get(f"{prefix}-confidence"), {level.value for level in content.confidence}),
        hard=_ticked(post, f"{prefix}-hard", [reason.id for reason in content.hard]),
        answers=_answers(post, prefix, content.turn_questions, faults),
        comment=_text(post, f"{prefix}-comment", faults),
        hindsight=False,
    )


def _integer(sent: str | None, known: Collection[int]) -> int | None:
    return next((value for value in known if sent == str(value)), None)


def _ticked(post: QueryDict, name: str, known: list[str]) -> tuple[str, ...]:
    sent = set(post.getlist(name))
    return tuple(each for each in known if each in sent)


def _answers(post: QueryDict, prefix: str, questions: tuple[Question, ...], faults: dict[str, str]) -> dict[str, str]:
    answers = {}
    for question in questions:
        name = f"{prefix}-answer_{question.id}"
        if question.kind == "text":
            answer = _text(post, name, faults)
        else:
            answer = post.get(name, "")
            answer = answer if answer in {option.value for option in question.options} else ""
        if answer:
            answers[question.id] = answer
    return answers


def _text(post: QueryDict, name: str, faults: dict[str, str]) -> str:
    text = clean_text(post.get(name, ""))
    if len(text) > COMMENT_LIMIT:
        faults[name] = (
            f"This text has {len(text):,} characters; at most {COMMENT_LIMIT:,} fit. Shorten it. Nothing was lost: "
            "it is still in the box, and it is saved as soon as it fits."
        )
    return text
