"""Words and numbers of the pages of data."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone

from datasets.models import DatasetVersion, DistillationRun, SplitGroup, Verdict
from datasets.selectors.pruning import PruneSheet
from datasets.web.tree_picture import MARKS
from medaction.corpus.reviewed.card import FIGURES

register = template.Library()
LOOKS = {"RETAINED": "retained", "TRUNCATED": "truncated", "REJECTED": "rejected", "NOT_ASSESSABLE": "unknown"}
RULES = {
    "SOUND": "Every turn sound, the right end",
    "UNREAD": "A turn could not be read",
    "DIVERGENT": "A turn away from the truth",
    "UPDATE": "A change of belief without support",
    "UNGROUNDED": "Tests that test no hypothesis",
    "WRONG_END": "A wrong final diagnosis",
    "NO_END": "No final diagnosis",
    "LOW_DTC": "DTC too low over the branch",
    "LOW_RAC": "RAC too low over the branch",
    "NO_DTC": "DTC not assessable",
    "NO_RAC": "RAC not assessable",
}
CHOSEN = {
    "ONE": "first preferred",
    "OTHER": "second preferred",
    "TIE": "no difference",
    "BOTH_BAD": "both bad",
}


@register.filter
def share_of(count: int, whole: int) -> str:
    """``12.3 %``, or a dash where there is nothing to share."""
    return f"{100 * count / whole:.1f} %" if whole else "–"


@register.filter
def remaining(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(round(seconds / 5) * 5, 5)} seconds left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes left"
    return f"about {seconds / 3600:.1f} hours left"


@register.filter
def waits_long(run: DistillationRun) -> bool:
    patience = timedelta(seconds=settings.DATASETS["STALE_SECONDS"])
    return run.progressed_at is None and timezone.now() - run.created_at > patience


@register.filter
def rule_words(rule: str) -> str:
    return RULES.get(rule, rule)


@register.filter
def verdict_words(verdict: str) -> str:
    return Verdict.Kind(verdict).label


@register.filter
def look_of(verdict: str) -> str:
    return LOOKS.get(verdict, "unknown")


@register.filter
def mark_of(verdict: str) -> str:
    return MARKS.get(verdict, "?")


@register.filter
def figure(value: float | None) -> str:
    """Two decimals; None is a dash, never 0."""
    return "–" if value is None else f"{value:.2f}"


@register.filter
def verdict_rows(sheet: PruneSheet, before: PruneSheet | None) -> list[dict[str, Any]]:
    return [
        {
            "look": LOOKS[kind],
            "mark": MARKS[kind],
            "word": kind.label,
            "now": sheet.verdicts[kind],
            "before": None if before is None else before.verdicts[kind],
        }
        for kind in Verdict.Kind
    ]


@register.filter
def rule_rows(sheet: PruneSheet) -> list[dict[str, Any]]:
    return [
        {"verdict": Verdict.Kind(verdict).label, "rule": rule_words(rule), "count": count}
        for (verdict, rule), count in sorted(sheet.rules.items(), key=lambda entry: -entry[1])
    ]


@register.filter
def words(name: str) -> str:
    """A name of the library as people write it."""
    return name.replace("_", " ")


@register.filter
def main_counts(counts: dict[str, Any]) -> list[tuple[str, int]]:
    """What a list says of a version."""
    return [(name, counts[name]) for name in ("cases", "trees", "branches") if name in counts]


@register.filter
def splits(version: DatasetVersion) -> list[dict[str, Any]]:
    """In the order in which they were made, which JSONB forgets."""
    made = version.manifest["splits"]
    return [{**made[split], "name": split.label} for split in SplitGroup.Split if split in made]


@register.filter
def agreement(reviews: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Figures of the agreement of raters, by their names in words."""
    return [(word, reviews["agreement"][name]) for name, word in FIGURES.items()]


@register.filter
def votes(reviews: Mapping[str, Any]) -> list[tuple[str, int]]:
    """How often comparisons chose what."""
    return [(word, reviews["votes"][choice]) for choice, word in CHOSEN.items() if choice in reviews["votes"]]
