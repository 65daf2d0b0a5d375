"""What a data card says of the judgements that a version is made of."""

from collections.abc import Mapping
from typing import Any

from medaction.corpus.card_parts import section

from .review_set import Nature

JUDGED = {
    Nature.EXPERT: """
The labels are judgements of people who reviewed the work-ups; no score of a metric went into them. Raters have
pseudonyms that are made anew for each version.
""",
    Nature.DEMO: """
**The judgements of this version are made up, or were given to try the program. No expert has judged anything in it.**
They show that the way from judgement to training is whole, and nothing else.
""",
}
LABELS = {
    "authoritative": "the adjudicated judgement; else a single one, or several that agree in every label",
    "majority": "of each turn the label that most reviewers gave; ties count for nothing",
    "all": "every judgement by itself",
    "weights": "every judgement by itself, with its rater's weight",
}
PASSES = {"first": "first, with the future hidden", "second": "second, with the truth shown"}
FIGURES = {
    "alpha_ordinal": "Krippendorff's alpha, ordinal",
    "alpha_nominal": "Krippendorff's alpha, nominal",
    "percent": "percent agreement",
}


def render_reviews(reviews: Mapping[str, Any], policy: Mapping[str, str]) -> list[str]:
    """``policy``: as the recipe has it."""
    facts = [
        ("judgements", "made up (demo)" if reviews["nature"] == Nature.DEMO else "of people"),
        ("rubric", f"{reviews['rubric']['name']} (`{reviews['rubric']['hash'][:12]}`)"),
        ("policy", f"{policy['labels']}: {LABELS[policy['labels']]}"),
        ("pass", PASSES[policy["pass"]]),
        ("raters", reviews["raters"]),
        ("items (branches)", reviews["branches"]),
        ("judgements of them", reviews["judgements"]),
        *((f"decided: {name.lower()}", count) for name, count in reviews["decided"].items()),
        ("turns tied", reviews["tied_turns"]),
        ("items that wait for adjudication, left out", reviews["waiting_for_adjudication"]),
        ("corrections", reviews["corrections"]),
        *((f"comparisons: {name.lower().replace('_', ' ')}", count) for name, count in reviews["votes"].items()),
        ("pairs", reviews["pairs"]),
        ("comparisons that make no pair", reviews["undecided"]),
        *((f"judgements left out: {reason}", count) for reason, count in reviews["left_out"].items()),
    ]
    parts = [section("Judgements", ("", ""), facts), section("Agreement of raters", *_agreement(reviews["agreement"]))]
    if reviews["weights"]:
        source = "gold items" if policy["reliability"] == "gold" else "the labels of others"
        parts.append(
            section(f"Weights of raters, from {source}", ("rater", "weight"), list(reviews["weights"].items()))
        )
    return parts


def _agreement(found: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """A figure that is not defined says why; it is never 0."""
    rows = []
    for name, figure in found.items():
        low, high = figure["interval"] or (None, None)
        interval = f"{low:.2f} to {high:.2f}" if low is not None else figure["reason"]
        value = "not defined" if figure["value"] is None else f"{figure['value']:.2f}"
        rows.append((FIGURES[name], value, interval, figure["turns"], figure["raters"], figure["ratings"]))
    return ("of step labels", "value", "95 % interval", "turns", "raters", "labels"), rows
