"""The whole page."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from medaction.bench.compare import label_runs

from . import charts, tables
from .cases import list_cases
from .marks import key
from .markup import Markup, join, tag
from .words import READING

Report = Mapping[str, Any]
_USE = "For education and research on published or synthetic cases. Not for patient care."
# Nothing may be fetched or run, whatever a model or a case wrote.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def render_page(reports: Sequence[Report], comparison: Mapping[str, Any] | str | None = None) -> str:
    """An HTML document of one run or several. ``comparison`` is of ``compare_runs``, or why there is none."""
    labels = label_runs(reports)
    body = [
        _open(reports, labels),
        tag("main", *_sections(reports, labels, comparison)),
        tag("footer", tag("p", _USE)),
    ]
    style = Markup((files(__package__) / "style.css").read_text(encoding="utf-8"))
    page = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", f"Benchmark report: {', '.join(labels)}"),
            tag("style", style),
        ),
        tag("body", *body),
        lang="en",
    )
    return f"<!doctype html>\n{page}\n"


def _open(reports: Sequence[Report], labels: Sequence[str]) -> Markup:
    sources = sorted({str(report["cases_file"]) for report in reports if report.get("cases_file")})
    n = " and ".join(f"{n:,}" for n in dict.fromkeys(report["n"] for report in reports))
    first = [
        tag(
            "li",
            tag("strong", label),
            f" has the right diagnosis first in {tables.share_of(report)}",
            _unfinished(report),
        )
        for label, report in zip(labels, reports, strict=True)
    ]
    return tag(
        "header",
        tag("p", "MedAction", class_="brand"),
        tag("h1", "Benchmark report"),
        tag(
            "p",
            f"{n} cases",
            f" of {', '.join(sources)}" if sources else None,
            _invented(reports),
            ". ",
            _USE,
            class_="lead",
        ),
        tag("ul", first, class_="first"),
    )


def _invented(reports: Sequence[Report]) -> str | None:
    """Synthetic cases are never shown without being called so."""
    cases = {record["id"]: bool(record.get("synthetic")) for report in reports for record in report["cases"]}
    synthetic = sum(cases.values())
    if not synthetic:
        return None
    return ", all synthetic" if synthetic == len(cases) else f", {synthetic:,} of them synthetic"


def _unfinished(report: Report) -> str | None:
    return None if report.get("complete", True) else f": unfinished, {report['records']:,} records so far"


def _sections(
    reports: Sequence[Report], labels: Sequence[str], comparison: Mapping[str, Any] | str | None
) -> list[Markup | None]:
    several = len(reports) > 1
    legend = key(labels) if several else None
    active = key(labels, [run for run, report in enumerate(reports) if report["curves"]]) if several else None
    belief = [
        _figure(chart, words)
        for name, words in (("truth_p", "Mean probability of the truth"), ("leading", "The truth stands first"))
        if (chart := charts.draw_belief(reports, labels, name, words))
    ]
    calibration = [
        _figure(chart, label)
        for run, (report, label) in enumerate(zip(reports, labels, strict=True))
        if (chart := charts.draw_calibration(report, run, label))
    ]
    return [
        _section("Runs", legend, charts.draw_accuracy(reports, labels), tables.list_runs(reports, labels)),
        _section("Belief over turns", active, tag("div", belief, class_="beside")) if belief else None,
        _section("Calibration", tables.list_calibration(reports, labels), tag("div", calibration, class_="beside")),
        _section("Cost and accuracy", active, front)
        if several and (front := charts.draw_front(reports, labels))
        else None,
        _section("What asking costs", regret, charts.draw_regret(reports, labels))
        if (regret := tables.list_regret(reports, labels))
        else None,
        _section("The order of evidence", orders) if (orders := tables.list_orders(reports, labels)) else None,
        _section("With a judge", judged) if (judged := tables.list_judged(reports, labels)) else None,
        _section("Failure battery", tables.list_battery(reports, labels)),
        _compare(comparison),
        _section("Cases", legend, list_cases(reports, labels)),
        _section("How to read this", tag("dl", [[tag("dt", word), tag("dd", told)] for word, told in READING])),
        _section("What was run", tables.list_settings(reports, labels)),
    ]


def _compare(comparison: Mapping[str, Any] | str | None) -> Markup | None:
    if comparison is None:
        return None
    if isinstance(comparison, str):
        return _section("Compared", tag("p", f"Not compared: {comparison}.", class_="note"))
    return _section("Compared", tables.list_comparison(comparison))


def _section(title: str, *content: object) -> Markup:
    return tag("section", tag("h2", title), join(content))


def _figure(chart: Markup, caption: str) -> Markup:
    return tag("figure", tag("figcaption", caption), chart)
