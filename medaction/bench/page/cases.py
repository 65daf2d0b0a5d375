"""Every case with what each run made of it, those first on which runs differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from .marks import mark
from .markup import Markup, tag
from .numbers import dollars, share
from .words import OUTCOMES

Record = Mapping[str, Any]
MOST = 300
"""Cases of a section that are shown; a browser is slow with thousands."""

ByRun = dict[int, list[Record]]


def list_cases(reports: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> list[Markup]:
    """Sections of folded cases."""
    cases: dict[str, ByRun] = {}
    for run, report in enumerate(reports):
        for record in report["cases"]:
            cases.setdefault(record["id"], {}).setdefault(run, []).append(record)
    groups: dict[str, list[Markup]] = {"Differs": [], "Wrong": [], "Right": []}
    every = " in every run" if len(reports) > 1 else ""
    for name, by_run in cases.items():
        right = {record["rank"] == 1 for records in by_run.values() for record in records}
        group = "Differs" if len(right) == 2 else "Right" if True in right else "Wrong"
        groups[group].append(_case(name, by_run, labels))
    return [
        tag(
            "section",
            tag(
                "h3", f"{title}{every if title != 'Differs' else ''} ", tag("span", f"{len(inside):,}", class_="count")
            ),
            inside[:MOST],
            tag("p", f"{len(inside) - MOST:,} more are in the JSON beside this page.", class_="note")
            if len(inside) > MOST
            else None,
            class_="cases",
        )
        for title, inside in groups.items()
        if inside
    ]


def _case(name: str, by_run: ByRun, labels: Sequence[str]) -> Markup:
    first = next(iter(by_run.values()))[0]
    badges = [_badge(run, records, labels[run]) for run, records in by_run.items()]
    summary = tag("summary", tag("code", name), tag("strong", first["truth"]), tag("span", badges, class_="badges"))
    return tag("details", summary, [_told(run, records, labels[run]) for run, records in by_run.items()])


def _badge(run: int, records: Sequence[Record], label: str) -> Markup:
    """The run's mark, a sign and a word: never a colour alone."""
    word, kind = _verdict(records[0])
    if len(records) > 1:
        right = sum(record["rank"] == 1 for record in records)
        word, kind = (
            f"{right} of {len(records)}",
            "right" if right == len(records) else "wrong" if not right else "near",
        )
    swatch = tag("svg", mark(run, 8, 8), viewBox="0 0 16 16", class_="swatch", aria_hidden="true")
    return tag("span", swatch, word, class_=f"badge {kind}", title=f"{label}: {records[0]['given'] or 'no diagnosis'}")


def _verdict(record: Record) -> tuple[str, str]:
    if record["rank"] == 1:
        return "✓ right", "right"
    if record["given"] is None:
        return "∅ none", "wrong"
    if record["verdict"] == "broader":
        return "≈ broader", "near"
    listed = f" ({record['rank']}.)" if record["rank"] else ""
    return ("? unlinked" if record["verdict"] == "unlinked" else "✕ wrong") + listed, "wrong"


def _told(run: int, records: Sequence[Record], label: str) -> Markup:
    record = records[0]
    p = "" if record["p"] is None else f", p {share(record['p'])}"
    spent = "all evidence at once" if record["static"] else f"{record['turns']} turns, {dollars(record['cost'])}"
    answer = tag("p", label, ": ", tag("strong", record["given"] or "no diagnosis"), f"{p}; {spent}", class_="answer")
    missed = (record["tests"] or {}).get("missed")
    return tag(
        "div",
        answer,
        tag("ol", [_turn(entry) for entry in record["path"]], class_="path", start=record["path"][0]["turn"])
        if record["path"]
        else None,
        tag("p", "Key tests not asked for: ", ", ".join(missed), class_="missed") if missed else None,
        class_=f"told-by run-edge-{run % 8 + 1}",
    )


def _turn(entry: Mapping[str, Any]) -> Markup:
    p = "" if entry["leader_p"] is None else f" {share(entry['leader_p'])}"
    place = f"truth at {entry['truth_rank']}" if entry["truth_rank"] else "truth not listed"
    orders = [
        tag("li", order, " ", tag("span", OUTCOMES[outcome], class_=f"outcome {outcome.lower()}"))
        for order, outcome in entry["orders"]
    ]
    return tag(
        "li",
        entry["leader"] or "no differential",
        tag("span", f"{p}; {place}", class_="quiet"),
        None if entry["valid"] else tag("span", " could not be read", class_="outcome unavailable"),
        tag("ul", orders) if orders else None,
    )
