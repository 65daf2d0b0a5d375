"""The figures of a run for a person at a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from medaction.bench.page.numbers import NOTHING, points, write, write_p
from medaction.bench.page.words import BATTERY, FIGURES

_NAMES = {
    "top1": "First is right",
    "top3": "Among the first 3",
    "top10": "Among the first 10",
    "broader": "First is broader",
    "truth_p": "Probability of the truth",
    "turns": "Turns",
    "cost": "Cost of tests",
    "dtc": "DTC (our own)",
    "rac": "RAC (our own)",
    "grounding": "Tests to the point",
    "coverage": "Coverage",
    **{name: FIGURES[name][0] for name in BATTERY},
}


def print_summary(report: Mapping[str, Any], console: Console) -> None:
    """Figures with interval and n, regret and order where they were measured, and what they rest on."""
    table = Table(title=f"{report['policy']}, {report['n']:,} cases", title_justify="left")
    for heading in ("figure", "value", "95 % interval", "n"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for name, words in _NAMES.items():
        figure = report["figures"].get(name)
        if figure is None or (report.get("static") and name in ("turns", "cost")):
            continue
        ends = [write(name, end) for end in figure["ci"] or ()]
        table.add_row(words, write(name, figure["value"]), " to ".join(ends) or NOTHING, f"{figure['n']:,}")
    console.print(table)
    for line in _list_lines(report):
        console.print(line, markup=False, highlight=False)


def _list_lines(report: Mapping[str, Any]) -> list[str]:
    lines = []
    if report["regret"]:
        top1 = report["regret"]["top1"]
        lines += [
            f"{name.capitalize()} regret: {points(top1[name]['value'])} points "
            f"({points(top1[name]['ci'][0])} to {points(top1[name]['ci'][1])}), p {write_p(top1['mcnemar'][name])}"
            for name in ("acquisition", "integration")
        ]
    if report["ordering"]:
        changed = report["ordering"]["changed"]
        lines.append(f"Another order of evidence changes the diagnosis in {write('top1', changed['value'])} of cases")
    told = report["calibration"]
    scores = (
        f"{word} {told[name]:.2f} ({told[f'{name}_ci'][0]:.2f} to {told[f'{name}_ci'][1]:.2f})"
        for name, word in (("brier", "Brier"), ("ece", "ECE"))
        if told[name] is not None
    )
    lines.append(f"Calibration: {told['hidden'] or ', '.join(scores)}, n {told['n']:,}")
    lines.append(f"Graph {str(report['graph'])[:12]}, metric version {report['metric_version']}. Not for patient care.")
    return lines
