"""Words and numbers of the pages of benchmarks."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from datasets.models import BenchmarkResult
from datasets.selectors.benchmarks import FORMAT
from datasets.web.leaderboard import WORDS

register = template.Library()
Outcome = BenchmarkResult.Outcome
LOOKS = {
    Outcome.RIGHT: ("retained", "✓"),
    Outcome.BROADER: ("truncated", "≈"),
    Outcome.WRONG: ("rejected", "✕"),
    Outcome.UNLINKED: ("unknown", "?"),
    Outcome.NONE: ("unknown", "–"),
}
# Of the battery, those that are failures; the others say how well the tests were chosen.
FAILURES = (
    "key_test_miss_rate",
    "unlinked_test_rate",
    "repeat_order_rate",
    "rigidity",
    "erratic_jump_rate",
    "placebo_rate",
    "must_not_miss_dropped_rate",
)


@register.filter
def two_places(value: float | str | None) -> str:
    """None is a dash, never 0. A list has the numbers of a record as text."""
    return "–" if value in (None, "") else f"{float(value):.2f}"


@register.filter
def as_dollars(value: float | str | None) -> str:
    return "–" if value in (None, "") else f"${float(value):,.0f}"


@register.filter
def outcome_rows(outcomes: Mapping[str, int], done: int) -> list[dict[str, Any]]:
    rows = [
        {
            "kind": kind.value,
            "word": kind.label,
            "look": LOOKS[kind][0],
            "mark": LOOKS[kind][1],
            "count": outcomes[kind],
        }
        for kind in Outcome
    ]
    unreadable = {"kind": FORMAT, "word": "With an unreadable turn", "look": "unknown", "mark": "⚠"}
    return [*rows, {**unreadable, "count": outcomes[FORMAT]}] if done else []


@register.filter
def hits(battery: Mapping[str, Sequence[float]]) -> list[dict[str, Any]]:
    """The failures that this path has, as counts."""
    found = ((name, battery[name]) for name in FAILURES if name in battery)
    return [{"word": WORDS[name], "hits": round(hit), "of": round(of)} for name, (hit, of) in found if hit]
