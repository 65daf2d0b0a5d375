"""The manifest as a page to read (Markdown)."""

from collections.abc import Sequence
from typing import Any

from .card_parts import section
from .reviewed.card import JUDGED, render_reviews

HEAD = """# {title}

For education and research on published or synthetic cases. Not for patient care.
"""
SCORED = """
The scores behind this selection are MedAction's own operationalisation of DTC and RAC (metric version {metrics}); the
paper's formulae are not public, and these figures must not be set beside the paper's as if they were the same. Edge
probabilities of the knowledge graph are estimates unless a source is cited; no clinician has reviewed them yet.
"""


def render_card(manifest: dict[str, Any]) -> str:
    """Counts, verdicts, diversity, coverage, splits, licences, leaks and where it comes from."""
    counts, metrics = manifest["counts"], manifest["metrics"]
    title = f"MedAction dataset, {manifest['recipe']['format']}, {manifest['hash'][:12]}"
    reviews = manifest.get("reviews")
    scored = SCORED.format(metrics=", ".join(metrics["versions"]) or "none")
    parts = [
        HEAD.format(title=title) + (scored if reviews is None else JUDGED[reviews["nature"]]),
        *([] if reviews is None else render_reviews(reviews, manifest["recipe"]["review"])),
        section("Counts", ("", "n"), [(name.replace("_", " "), value) for name, value in counts.items()]),
        section(
            "Splits, by case group",
            ("split", "rows", "turns", "cases", "groups", "SHA-256"),
            [
                (name, about["rows"], about["turns"], about["cases"], about["groups"], f"`{about['sha256'][:16]}…`")
                for name, about in manifest["splits"].items()
            ],
        ),
        section("Verdicts on all branches", *_verdicts(manifest["verdicts"])),
        *([_coverage(metrics)] if reviews is None else []),
        section(
            "Diversity",
            ("", "n"),
            [
                ("different diagnoses", manifest["diversity"]["diagnoses"]),
                ("different test orders", manifest["diversity"]["orders"]),
                *((f"cases of {name}", count) for name, count in manifest["diversity"]["specialties"].items()),
            ],
        ),
        section(
            "Licences of the cases",
            ("licence", "cases", "rows"),
            [(name, about["cases"], about["rows"]) for name, about in manifest["licences"].items()],
        ),
        section("Sources", ("source", "cases"), list(manifest["sources"].items())),
        _leaks(manifest["leaks"]),
        section(
            "Runs",
            ("run", "policy", "seed", "cases", "graph"),
            [
                (f"`{r['fingerprint'][:12]}`", r["policy"]["label"], r["seed"], r["cases"]["n"], f"`{r['graph'][:12]}`")
                for r in manifest["runs"]
            ],
        ),
    ]
    return "\n".join(parts)


def _verdicts(verdicts: dict[str, dict[str, int]]) -> tuple[Sequence[str], list[Sequence[Any]]]:
    kinds = sorted({kind for found in verdicts.values() for kind in found})
    rows: list[Sequence[Any]] = []
    for policy, found in verdicts.items():
        total = sum(found.values())
        rows.append((policy, total, *(f"{found.get(k, 0)} ({100 * found.get(k, 0) / total:.1f} %)" for k in kinds)))
    return ("policy", "branches", *(kind.replace("_", " ").lower() for kind in kinds)), rows


def _coverage(metrics: dict[str, Any]) -> str:
    if metrics["coverage"] is None:
        return "## Coverage\n\nNo branch could be assessed.\n"
    return (
        f"## Coverage\n\nThe graph can judge {100 * metrics['coverage']:.1f} % of a branch's changes and findings "
        f"(mean of {metrics['coverage_n']} branches; of {metrics['coverage_unknown']} more it cannot be told).\n"
    )


def _leaks(leaks: dict[str, Any]) -> str:
    if leaks["benchmark_cases"] is None:
        return "## Leaks\n\nNot checked against any benchmark.\n"
    kinds = ", ".join(f"{count} {kind.lower()}" for kind, count in leaks["by_kind"].items()) or "none"
    told = f"Checked against {leaks['benchmark_cases']} benchmark cases; left out: {leaks['left_out']} ({kinds})."
    return f"## Leaks\n\n{told}\n"
