"""The tables of the report."""

from collections.abc import Mapping, Sequence
from typing import Any

from .marks import mark
from .markup import Markup, tag
from .numbers import NOTHING, figure_cell, points, share, write, write_difference, write_p
from .words import BETTER_HIGH, COMPARED, FIGURES

Report = Mapping[str, Any]
_ACCURACY = {
    "top1": "First is right",
    "top3": "Among first 3",
    "top10": "Among first 10",
    "broader": "First is broader",
    "truth_p": "Probability of truth",
}
_PROCESS = {
    "turns": "Turns",
    "cost": "Test cost",
    "unavailable_rate": "Orders refused",
    "dtc": "DTC",
    "rac": "RAC",
    "grounding": "Tests to the point",
    "coverage": "Coverage",
}


def head(label: str, run: int) -> Markup:
    """A run's name with its mark."""
    swatch = tag("svg", mark(run, 8, 8), viewBox="0 0 16 16", class_="swatch", aria_hidden="true")
    return tag("th", swatch, label, scope="row")


def table(headings: Sequence[object], rows: Sequence[object], caption: str) -> Markup:
    """In a frame that scrolls sideways where the page is narrow."""
    columns = tag("tr", [tag("th", heading, scope="col") for heading in headings])
    inner = tag("table", tag("caption", caption), tag("thead", columns), tag("tbody", rows))
    return tag("div", inner, class_="scroll", tabindex="0", role="region", aria_label=caption)


def list_runs(reports: Sequence[Report], labels: Sequence[str]) -> list[Markup]:
    """One row a run, twice: whether it is right, and how it went there."""
    return [
        table(
            ("Run", "Cases", *columns.values()),
            [
                tag(
                    "tr",
                    head(label, run),
                    tag("td", f"{report['n']:,}", tag("span", _of_samples(report), class_="interval"), class_="number"),
                    [figure_cell(name, _shown(report, name)) for name in columns],
                )
                for run, (label, report) in enumerate(zip(labels, reports, strict=True))
            ],
            caption,
        )
        for columns, caption in (
            (_ACCURACY, "Accuracy, with 95 % intervals"),
            (_PROCESS, "How it went, with 95 % intervals; a dash where nothing was ordered or nothing can be assessed"),
        )
    ]


def _shown(report: Report, name: str) -> Mapping[str, Any] | None:
    """What was told everything at once ordered nothing: turns and cost say nothing there."""
    figure: Mapping[str, Any] | None = report["figures"].get(name)
    return None if report.get("static") and name in ("turns", "cost") else figure


def _of_samples(report: Report) -> str:
    return "" if report["records"] == report["n"] else f"{report['records']:,} runs"


def list_battery(reports: Sequence[Report], labels: Sequence[str]) -> Markup:
    rows = [
        tag(
            "tr",
            tag("th", words, tag("span", told, class_="told"), scope="row"),
            tag("td", "higher" if name in BETTER_HIGH else "lower", class_="better"),
            [figure_cell(name, report["figures"].get(name), with_n=True) for report in reports],
        )
        for name, (words, told) in FIGURES.items()
        if any(name in report["figures"] for report in reports)
    ]
    return table(("Figure", "Better", *labels), rows, "Failure battery, with 95 % intervals and n")


def list_calibration(reports: Sequence[Report], labels: Sequence[str]) -> Markup:
    rows = [
        tag(
            "tr",
            head(label, run),
            tag("td", f"{told['n']:,}", class_="number"),
            [figure_cell("brier", {"value": told[name], "ci": told.get(f"{name}_ci")}) for name in ("brier", "ece")],
            tag("td", told["hidden"] or ""),
        )
        for run, (label, told) in enumerate(zip(labels, (r["calibration"] for r in reports), strict=True))
    ]
    return table(("Run", "n", "Brier", "ECE", ""), rows, "Calibration of the answer's probability")


def list_regret(reports: Sequence[Report], labels: Sequence[str]) -> Markup | None:
    rows = [
        tag(
            "tr",
            head(label, run),
            tag("td", f"{regret['n']:,}", class_="number"),
            [
                tag(
                    "td",
                    points(top1[name]["value"]),
                    _interval(top1[name]["ci"], top1["mcnemar"][name]),
                    class_="number",
                )
                for name in ("acquisition", "integration", "total")
            ],
        )
        for run, (label, regret) in enumerate(zip(labels, (r["regret"] for r in reports), strict=True))
        if regret and (top1 := regret["top1"])
    ]
    headings = ("Run", "Cases", "Acquisition regret", "Integration regret", "Both")
    return table(headings, rows, "Regret in percentage points, paired by case") if rows else None


def _interval(ci: Sequence[float] | None, p: float) -> Markup | None:
    told = NOTHING if ci is None else f"{points(ci[0])} to {points(ci[1])}"
    return tag("span", f"{told}, p {write_p(p)}", class_="interval")


def list_orders(reports: Sequence[Report], labels: Sequence[str]) -> Markup | None:
    rows = [
        tag(
            "tr",
            head(label, run),
            tag("td", f"{told['changed']['n']:,} × {told['permutations']}", class_="number"),
            [figure_cell("top1", told[name]) for name in ("changed", "changed_orders")],
            figure_cell("dtc", told["total_variation"]),
            figure_cell("top1", told["spread"]),
        )
        for run, (label, told) in enumerate(zip(labels, (r["ordering"] for r in reports), strict=True))
        if told
    ]
    headings = (
        "Run", "Cases × orders", "Cases whose diagnosis changes", "Orders that change it", "Total variation",
        "Right in one order, wrong in another",
    )  # fmt: skip
    return table(headings, rows, "All evidence in other orders") if rows else None


def list_judged(reports: Sequence[Report], labels: Sequence[str]) -> Markup | None:
    """What a judge ruled where concept match was silent, and the accuracy with its rulings beside that without."""
    rows = [
        tag(
            "tr",
            head(label, run),
            tag("td", judged["model"]),
            [tag("td", f"{judged[name]:,}", class_="number") for name in ("asked", "same", "different", "undecided")],
            figure_cell("top1", report["figures"]["top1"]),
            figure_cell("top1", {"value": judged["top1"], "ci": judged["top1_ci"]}),
        )
        for run, (label, report) in enumerate(zip(labels, reports, strict=True))
        if (judged := report.get("judged"))
    ]
    headings = ("Run", "Judge", "Asked", "Same", "Different", "Undecided", "First is right", "With the judge")
    return (
        table(headings, rows, "Asked only where the graph does not know a name; undecided is not right")
        if rows
        else None
    )


def list_comparison(comparison: Mapping[str, Any]) -> list[Markup]:
    """A table for each pair of runs."""
    return [
        table(
            (
                "Figure",
                pair["first"],
                pair["second"],
                "Difference",
                "95 % interval",
                "n",
                "Only first : second",
                "p, Holm",
            ),
            [_compared(name, figure) for name, figure in pair["figures"].items() if figure["difference"] is not None],
            f"{pair['first']} − {pair['second']}, {pair['n']:,} cases",
        )
        for pair in comparison["pairs"]
    ]


def _compared(name: str, figure: Mapping[str, Any]) -> Markup:
    tested = "p_holm" in figure
    low, high = figure["ci"]
    cells = (
        write(name, figure["first"]),
        write(name, figure["second"]),
        write_difference(name, figure["difference"]),
        f"{write_difference(name, low)} to {write_difference(name, high)}",
        f"{figure['n']:,}" + (f" : {figure['n_second']:,}" if "n_second" in figure else ""),
        f"{figure['only_first']} : {figure['only_second']}" if tested else "",
        write_p(figure["p_holm"]) if tested else "",
    )
    clear = low > 0 or high < 0
    return tag(
        "tr",
        tag("th", COMPARED[name], scope="row"),
        [tag("td", cell, class_="number") for cell in cells],
        class_="clear" if clear else None,
    )


def list_settings(reports: Sequence[Report], labels: Sequence[str]) -> Markup:
    """Everything that decides the records, a column a run."""
    names = (
        "cases_file", "protocol", "static", "horizon", "menu_visible", "samples", "temperature", "noise",
        "without_own_paper", "cases_left_out", "seed", "prompt", "graph", "metric_version", "fingerprint", "created_at",
    )  # fmt: skip
    rows = [
        tag("tr", tag("th", name.replace("_", " "), scope="row"), [_setting(report.get(name)) for report in reports])
        for name in names
    ]
    return table(("", *labels), rows, "What was run")


def _setting(value: object) -> Markup:
    if value is None or isinstance(value, bool):
        return tag("td", NOTHING if value is None else "yes" if value else "no")
    told = str(value)
    return tag("td", tag("code", told[:16], title=told) if len(told) > 40 else told)


def share_of(report: Report) -> str:
    """The first figure of a run in words, for the page's opening."""
    figure = report["figures"]["top1"]
    if figure["ci"] is None:
        return f"{NOTHING} (no case)"
    return f"{share(figure['value'])} ({figure['ci'][0]:.1%} to {figure['ci'][1]:.1%})".replace("%", " %").replace(
        "  ", " "
    )
