"""A loop's one table: models side by side on cases that they have not seen, and the difference of the first two."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

ROWS = ("top1", "top3", "dtc", "rac", "coverage", "unavailable_rate", "turns", "cost", "format_failures")
PLAIN = ("turns", "cost", "format_failures")
"""Numbers; everything else is a share."""


def show(
    stages: Mapping[str, Mapping[str, float]],
    reports: Mapping[str, Mapping[str, Any]],
    compared: Mapping[str, Any],
    plan: Mapping[str, Any],
    columns: Sequence[str],
    notes: Sequence[str] = (),
    model: str = "SmolLM2-135M",
) -> None:
    """``columns``: names of ``reports``; ``compared`` is the second minus the first. ``notes`` stand below."""
    console = Console(width=None if Console().is_terminal else 110)
    pair = compared["pairs"][0]
    helped = " with the graph's help" if plan["prompt"] == "assisted" else ""
    title = f"{model}{helped}, {pair['n']} held-out cases, {plan['horizon']} turns"
    table = Table(title=title, title_justify="left")
    first, second, *others = columns
    for heading in ("figure", first, second, f"{second} − {first}", "95 % interval", *others):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for name in ROWS:
        difference = pair["figures"].get(name, {})
        low, high = difference.get("ci") or (None, None)
        table.add_row(
            name,
            _number(reports[first].get(name), name),
            _number(reports[second].get(name), name),
            _number(difference.get("difference"), name),
            "–" if low is None else f"{_number(low, name)} to {_number(high, name)}",
            *(_number(reports[other].get(name), name) for other in others),
        )
    console.print(table)
    for note in notes:
        console.print(note, highlight=False, markup=False)
    for name, stage in stages.items():
        console.print(
            f"{name:10} {stage['seconds']:7.1f} s {stage['cpu_seconds']:8.1f} s of processor", highlight=False
        )
    total = sum(stage["seconds"] for stage in stages.values())
    console.print(f"{'all':10} {total:7.1f} s ({total / 60:.1f} min)", highlight=False)
    console.print(
        f"Smoke size: {plan['steps']} steps of {plan['accumulate']} rows show that the loop closes. They promise no "
        "gain, and so few cases could not show one. DTC and RAC are our own operationalisation. Authored and synthetic "
        "cases; not for patient care.",
        highlight=False,
    )


def _number(value: float | None, name: str) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f}" if name in PLAIN else f"{value:.1%}"
