"""Labels as words of their rubric."""

from collections.abc import Iterable
from typing import Any

from review.rules import RubricContent
from review.rules.content import Choice

NOTHING = "–"


def describe(content: RubricContent, field: str, value: Any) -> str:
    """One field of a label, in words; a dash where nothing is said."""
    match field:
        case "label":
            words = {step.value: step.word for step in content.steps}
            return "Unmarked" if value is None else words.get(value, str(value))
        case "harm" | "confidence":
            levels = content.harms if field == "harm" else content.confidence
            return {level.value: level.word for level in levels}.get(value, NOTHING)
        case "errors" | "hard":
            return _ticked(content.errors if field == "errors" else content.hard, value)
        case "answers":
            return _answers(content, value)
        case "inherited":
            return "Yes" if value else "No"
    return str(value) or NOTHING


def _ticked(choices: Iterable[Choice], ids: Iterable[str]) -> str:
    words = {choice.id: choice.word for choice in choices}
    return ", ".join(words.get(each, each) for each in ids) or NOTHING


def _answers(content: RubricContent, answers: dict[str, str]) -> str:
    said = []
    for question in (*content.turn_questions, *content.trajectory_questions):
        if question.id in answers:
            options = {option.value: option.word for option in question.options}
            answer = answers[question.id]
            said.append(f"{question.text} {options.get(answer, answer)}")
    return " · ".join(said) or NOTHING
