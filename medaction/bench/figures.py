"""Every figure of a run as ``{value, n, ci, missing}``."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from medaction.metrics.aggregate import VALUES
from medaction.metrics.judge import Verdict

from .statistics import estimate

Record = Mapping[str, Any]
SHARES = ("top1", "top3", "top10", "broader", "no_answer")
MEANS = ("truth_p", "turns", "cost", "seconds")


def right_within(record: Record, most: int) -> float:
    return float(record["rank"] is not None and record["rank"] <= most)


def figure_of(record: Record, name: str) -> float | None:
    """The value of one record: what means are made of, and what two runs are compared by."""
    match name:
        case "top1" | "top3" | "top10":
            return right_within(record, int(name.removeprefix("top")))
        case "broader":
            return float(record["verdict"] == Verdict.BROADER)
        case "no_answer":
            return float(record["given"] is None)
        case "brier":
            p, given = record["p"], record["given"]
            return None if p is None or given is None else (p - right_within(record, 1)) ** 2
        case _:
            value = record[name] if name in record else record["measures"].get(name)
            return None if value is None else float(value)


def list_figures(records: Sequence[Record], *, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Shares and means over cases, then the failure battery, whose shares are pooled: hits of all over totals of all.

    ``n`` is the number of records behind a mean (of orders, turns or changes behind a pooled share)."""
    groups: list[Hashable] = [record["group"] for record in records]

    def mean(name: str) -> dict[str, Any]:
        return estimate([figure_of(record, name) for record in records], groups, share=name in SHARES, seed=seed)

    figures = {name: mean(name) for name in (*SHARES, *MEANS, *VALUES)}
    slopes = dict.fromkeys(name for record in records for name in record["measures"] if name.endswith("_slope"))
    figures |= {name: mean(name) for name in slopes}
    names = dict.fromkeys(name for record in records for name in record["battery"])
    for name in names:
        pairs = [record["battery"].get(name, (0.0, 0.0)) for record in records]
        figures[name] = estimate(
            [hits for hits, _ in pairs], groups, weights=[of for _, of in pairs], share=True, seed=seed
        )
    return figures
