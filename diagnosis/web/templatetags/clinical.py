"""How clinical figures and states are written: one place for units, signs and words."""

import re
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from diagnosis.selectors.shapes import BoardRow, Evidence
from medaction.domain.observation import TestResult

register = template.Library()

OUTCOMES = {
    "RESULT": ("✓", "result"),
    "UNAVAILABLE": ("∅", "unavailable"),
    "DUPLICATE": ("↻", "duplicate"),
}
PROBLEMS = {
    "NOT_JSON": "The answer was not in the agreed form.",
    "NO_ACTION": "It named neither a test nor a diagnosis.",
    "DIAGNOSIS_REQUIRED": "This was the last turn and it gave no diagnosis.",
    "UNTERMINATED": "The answer broke off.",
}
ADULT_WORDS = {"female": "woman", "male": "man"}
CHILD_WORDS = {"female": "girl", "male": "boy"}
PIECE_ID = re.compile(r"\b[or]\d{1,3}\.\d{1,3}\b")
MINUTES_PER_HOUR = 60
MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR


@register.filter
def probability(value: float | None) -> str:
    """``.62``; a dash when the model gave none."""
    if value is None:
        return "–"
    return "1.00" if value >= 0.995 else f"{value:.2f}".lstrip("0")


@register.filter
def signed(value: float) -> str:
    """A change in probability: ``+.12`` or ``−.05``; empty when it rounds to nothing."""
    if abs(value) < 0.005:
        return ""
    return ("+" if value > 0 else "−") + probability(abs(value))


@register.filter
def dollars(value: float | None) -> str:
    return "–" if value is None else f"${value:,.0f}"


@register.filter
def duration(minutes: int | None) -> str:
    """Minutes as the largest unit that says enough: ``45 min``, ``3 h``, ``2 days``."""
    if minutes is None:
        return "–"
    if minutes < 2 * MINUTES_PER_HOUR:
        return f"{minutes} min"
    if minutes < MINUTES_PER_DAY:
        return f"{minutes / MINUTES_PER_HOUR:.0f} h"
    days = round(minutes / MINUTES_PER_DAY)
    return f"{days} day" if days == 1 else f"{days} days"


@register.filter
def cost_line(result: TestResult) -> str:
    """Cost, wait and risk of one answer, leaving out what is not known."""
    parts = []
    if result.outcome == "DUPLICATE":
        return ""
    if result.cost is not None:
        parts.append(dollars(result.cost))
    if result.turnaround_minutes is not None:
        parts.append(duration(result.turnaround_minutes))
    if result.risk:
        parts.append(f"{result.risk} risk" if result.risk != "none" else "no risk")
    return " · ".join([*parts, "estimate"] if parts and result.estimate else parts)


@register.filter
def person_short(case: Any) -> str:
    """``35 F``; months below two years; empty when nothing is known. ``case`` has ``age_years`` and ``sex``."""
    sex = case.sex[:1].upper() if case.sex in ADULT_WORDS else ""
    return f"{_age(case.age_years, ' mo')} {sex}".strip()


@register.filter
def person(case: Any) -> str:
    """``35-year-old woman``."""
    age, sex = case.age_years, case.sex
    noun = (CHILD_WORDS if age is not None and age < 18 else ADULT_WORDS).get(sex, "patient")
    if age is None:
        return f"{noun}, age not given".capitalize()
    unit = "month" if age < 2 else "year"
    return f"{_age(age, '')}-{unit}-old {noun}"


def _age(age_years: float | None, month_mark: str) -> str:
    if age_years is None:
        return ""
    return f"{age_years * 12:.0f}{month_mark}" if age_years < 2 else f"{age_years:.0f}"


@register.filter
def outcome_icon(outcome: str) -> str:
    return OUTCOMES[outcome][0]


@register.filter
def outcome_word(outcome: str) -> str:
    return OUTCOMES[outcome][1]


@register.filter
def who(session: Any) -> str:
    """Who takes the turns of a walkthrough, for a list: ``You solve it``, or the model's label."""
    if session.mode != "DRIVE":
        return session.model_label
    return "You solve it" if session.state == "ACTIVE" else "Solved by you"


@register.filter
def place_in_line(position: int) -> str:
    """0 is the next answer to be given."""
    if position == 0:
        return "Next in line"
    return f"{position} answer{'s' if position > 1 else ''} ahead of yours"


@register.filter
def turn_of_model(number: int) -> int:
    """Turn number t counts the presentation as 1; people count the model's turns."""
    return number - 1


@register.filter
def places_moved(row: BoardRow) -> int:
    """By how many places a hypothesis rose or fell since the turn before."""
    before = row.ranks[-2] if len(row.ranks) > 1 else None
    return abs(before - row.rank) if before else 0


@register.filter
def problem_words(codes: tuple[str, ...]) -> str:
    return " ".join(PROBLEMS[code] for code in codes if code in PROBLEMS)


@register.filter
def number_of(numbers: dict[str, int], piece_id: str) -> int | str:
    """The citation number of a piece of the case, counted in the order in which the case was shown."""
    return numbers.get(piece_id, "")


@register.filter
def words(text: str) -> str:
    """The text without the space that ends it; with ``space_after`` it is the text again."""
    return text.rstrip()


@register.filter
def space_after(text: str) -> str:
    return text[len(text.rstrip()) :]


@register.filter
def link_pieces(html: SafeString, numbers: dict[str, int]) -> SafeString:
    """Sanitised reasoning, in which the ids of pieces that were shown become links. The words stay as they are.

    Sound because the sanitiser leaves no attribute: an id can only stand in text.
    """

    def link(match: re.Match[str]) -> str:
        piece = match[0]
        return f'<a class="ref" href="#{piece}" data-ref="{piece}">{piece}</a>' if piece in numbers else piece

    return mark_safe(PIECE_ID.sub(link, html))  # noqa: S308 - adds only links with ids that match PIECE_ID


@register.filter
def template_of(block: Any) -> str:
    return f"diagnosis/parts/block_{block.kind}.html"


@register.inclusion_tag("diagnosis/parts/cite.html", takes_context=True)
def cite(context: template.Context, evidence: Evidence, side: str) -> dict[str, Any]:
    return {
        "id": evidence.id,
        "known": evidence.known,
        "quote": evidence.quote,
        "number": context["numbers"].get(evidence.id, ""),
        "side": side,
        "word": "supported by" if side == "for" else "contradicted by",
    }
