"""A report as rows of a table, one figure a row."""

from collections.abc import Iterator, Mapping
from typing import Any

COLUMNS = (
    "rubric",
    "metric",
    "computed_at",
    "part",
    "question",
    "rater",
    "other",
    "period",
    "figure",
    "value",
    "low",
    "high",
    "n",
    "cases",
    "raters",
    "pairs",
    "why_none",
)
Row = dict[str, Any]
COUNTS = {"units": "n", "cases": "cases", "raters": "raters", "pairs": "pairs"}


def list_rows(report: Mapping[str, Any], **about: Any) -> Iterator[Row]:
    """``about``: what stands in every row, as ``rubric`` and ``computed_at``. Empty where a column says nothing."""
    about = {**about, "metric": report["metric"]}
    for row in _rows(report):
        yield {**dict.fromkeys(COLUMNS, ""), **about, **{name: "" if row[name] is None else row[name] for name in row}}


def _rows(report: Mapping[str, Any]) -> Iterator[Row]:
    for each in report["questions"]:
        yield from _measured(each, part="question", question=each["id"], figure=f"alpha_{each['level']}")
    first = report["first_error"]
    about = {"part": "first_error", "n": first["n"], "cases": first["cases"], "why_none": first["reason"]}
    yield about | {"figure": "distance_turns", "value": first["turns"]} | _bounds(first["interval"])
    yield about | {"figure": "same", "value": first["same"]}
    yield about | {"figure": "within_one", "value": first["within_one"]}
    for name in ("first", "second"):
        yield from _measured(report["passes"][name], part=f"{name}_pass", question="label", figure="alpha_ordinal")
    changed = report["passes"]["changed"]
    yield _share(changed, part="passes", figure="changed") | {"n": changed["of"]}
    for each in report["drift"]["rows"]:
        yield from _measured(each, part="drift", question="label", period=each["period"], figure="alpha_ordinal")
    split = report["split"]
    for each in split["kinds"]:
        yield _share(each, part="disagreement", figure=each["kind"]) | {"n": split["n"], "cases": split["cases"]}
    for each in split["reasons"]:
        yield _share(each, part="reason", figure=each["id"]) | {"n": split["n"], "cases": split["cases"]}
    for each in report["pairs"]:
        yield from _measured(
            each, part="raters", question="label", rater=each["a"], other=each["b"], figure="alpha_ordinal"
        )
    for part in ("gold", "authoritative"):
        for each in report[part]:
            yield from _measured(each, part=part, question="label", rater=each["rater"], figure="alpha_ordinal")


def _measured(each: Mapping[str, Any], *, figure: str, **about: Any) -> Iterator[Row]:
    counts = {column: each[name] for name, column in COUNTS.items() if name in each}
    for name, source in ((figure, each["alpha"]), ("percent", each["percent"])):
        found = {"figure": name, "value": source["value"], "why_none": source["reason"]}
        yield about | counts | found | _bounds(source["interval"])


def _share(each: Mapping[str, Any], **about: Any) -> Row:
    return about | {"value": each["share"], "why_none": each["reason"]} | _bounds(each["interval"])


def _bounds(interval: Any) -> Row:
    low, high = interval or (None, None)
    return {"low": low, "high": high}
