"""Words and numbers of the pages of review."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from diagnosis.selectors.markdown import render_document
from diagnosis.selectors.shapes import Block
from review.models import Preference
from review.rules import RubricContent, TurnLabel
from review.selectors.hints import Hints, TurnHint
from review.selectors.workspace import JudgedTurn
from review.web.pair_form import WORDS, letter_of
from review.web.words import NOTHING, describe

register = template.Library()
LOOKS = {1: ("good", "✓"), 0: ("grey", "○"), -1: ("bad", "✕"), None: ("", "–")}
KEYS = {1: "1", 0: "0", -1: "-"}


@register.filter
def fault_of(faults: Mapping[str, str], name: str) -> str:
    return faults.get(name, "")


@register.filter
def prefix_of(number: int) -> str:
    """Of the names of a turn's fields."""
    return f"t{number}"


@register.filter
def field(prefix: str, name: str) -> str:
    return f"{prefix}-{name}"


@register.filter
def guidance(text: str) -> SafeString:
    """A rubric's guidance, which is Markdown."""
    return mark_safe(render_document(text))  # noqa: S308 - sanitised there


@register.filter
def look_of_label(turn: TurnLabel) -> str:
    return LOOKS[turn.label][0]


@register.filter
def mark_of_label(turn: TurnLabel) -> str:
    return LOOKS[turn.label][1]


@register.filter
def key_of(value: int) -> str:
    """By which key a step label is given."""
    return KEYS[value]


@register.filter
def label_word(turn: TurnLabel, content: RubricContent) -> str:
    return describe(content, "label", turn.label)


@register.filter
def said(turn: TurnLabel, content: RubricContent) -> list[str]:
    """Everything beside the label, as words, leaving out what is not said."""
    parts = [describe(content, name, getattr(turn, name)) for name in ("errors", "harm", "confidence", "hard")]
    titles = ("", "harm: ", "sure: ", "hard: ")
    found = [f"{title}{part}" for title, part in zip(titles, parts, strict=True) if part != NOTHING]
    return found + (["inherits an earlier error"] if turn.inherited else [])


@register.filter
def whole_answers(answers: dict[str, str], content: RubricContent) -> str:
    return describe(content, "answers", answers)


@register.filter
def answer_of(answers: Mapping[str, str], name: str) -> str:
    return answers.get(name, "")


@register.filter
def judged_of(turns: tuple[JudgedTurn, ...], block: Block) -> JudgedTurn | None:
    """What was said of the turn that this block shows; None for other blocks."""
    return next((turn for turn in turns if turn.block is block), None)


@register.filter
def said_of_pair(preference: Preference) -> str:
    """An answer in the words of the page on which it was given."""
    return WORDS[letter_of(preference.left, preference.choice)]


@register.filter
def hint_of(hints: Hints, number: int) -> TurnHint | None:
    """What the graph says of this turn; None until it has been shown."""
    return hints.turns.get(number) if hints else None


@register.filter
def share(value: float | None) -> str:
    """A share from 0 to 1, as the metrics print them; words where there is none, because that is not 0."""
    return "not assessable" if value is None else f"{value:.2f}"


@register.filter
def spent(seconds: float | None) -> str:
    """``45 s``, ``12 min``, ``3.4 h``."""
    if seconds is None:
        return NOTHING
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@register.filter
def percent(share: Any) -> str:
    return NOTHING if share is None else f"{share:.0%}"


@register.filter
def band_words(band: str) -> str:
    """``very_frequent`` as it is read."""
    return band.replace("_", " ")
