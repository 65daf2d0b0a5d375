"""Figures of a report as tables show them: each with its interval and n, and where its cell leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasets.models import BenchmarkResult, HumanStanding
from datasets.selectors.benchmarks import FORMAT
from datasets.selectors.comparing import Entrant

Outcome = BenchmarkResult.Outcome
SHARE, DOLLARS, NUMBER = "share", "dollars", "number"
# name in the report, heading, kind, the results that its cell leads to
COLUMNS = (
    ("top1", "Top 1", SHARE, Outcome.RIGHT),
    ("top3", "Top 3", SHARE, ""),
    ("top10", "Top 10", SHARE, ""),
    ("broader", "Broader", SHARE, Outcome.BROADER),
    ("no_answer", "No diagnosis", SHARE, Outcome.NONE),
    ("format_failure_rate", "Unreadable turns", SHARE, FORMAT),
    ("turns", "Turns", NUMBER, ""),
    ("cost", "Cost", DOLLARS, ""),
    ("dtc", "DTC", NUMBER, ""),
    ("rac", "RAC", NUMBER, ""),
    ("coverage", "Coverage", NUMBER, ""),
    ("unavailable_rate", "Not available", SHARE, ""),
)
WORDS = {
    "grounding": "Grounding",
    "truth_p": "Probability of the truth",
    "brier": "Brier score",
    "no_answer": "No diagnosis given",
    "format_failure_rate": "Unreadable turns",
    "dtc_slope": "DTC slope",
    "rac_slope": "RAC slope",
    "seconds": "Seconds a case",
    "unlinked_test_rate": "Tests without a hypothesis",
    "key_test_miss_rate": "Key tests missed",
    "test_precision": "Precision of tests",
    "test_recall": "Recall of key tests",
    "repeat_order_rate": "Repeated orders",
    "rigidity": "Rigidity",
    "erratic_jump_rate": "Erratic jumps",
    "placebo_rate": "Changes after nothing new",
    "must_not_miss_dropped_rate": "Must-not-miss dropped",
}
KINDS = {
    "brier": NUMBER,
    "seconds": NUMBER,
    "truth_p": NUMBER,
    "grounding": NUMBER,
    "dtc_slope": NUMBER,
    "rac_slope": NUMBER,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. ``value``, ``low`` and ``high`` are words, a dash for nothing known; ``kind`` filters results."""

    name: str
    heading: str
    value: str
    low: str
    high: str
    n: int
    missing: int
    kind: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    run: Entrant
    cells: tuple[Cell, ...]
    calibration: dict[str, Any]

    @property
    def is_human(self) -> bool:
        return isinstance(self.run, HumanStanding)


@dataclass(frozen=True, slots=True)
class PairRow:
    """One figure of two runs. ``p`` and ``holm`` are a dash where the figure is no share of right answers."""

    heading: str
    first: str
    second: str
    difference: str
    low: str
    high: str
    n: int
    word: str
    only_first: int | None
    only_second: int | None
    p: str
    holm: str


@dataclass(frozen=True, slots=True)
class Pair:
    first: Entrant
    second: Entrant
    n: int
    rows: tuple[PairRow, ...]

    @property
    def entrants(self) -> tuple[Entrant, Entrant]:
        return self.first, self.second


@dataclass(frozen=True, slots=True)
class Board:
    headings: tuple[str, ...]
    rows: tuple[BoardRow, ...]


def fill_board(entrants: Sequence[Entrant]) -> Board:
    return Board(
        headings=tuple(heading for _, heading, *_ in COLUMNS),
        rows=tuple(BoardRow(run, list_main(run.report), run.report["calibration"]) for run in entrants),
    )


def fill_pair(first: Entrant, second: Entrant, compared: dict[str, Any]) -> Pair:
    rows = tuple(_pair_row(name, figure) for name, figure in compared["figures"].items())
    return Pair(first, second, compared["n"], rows)


def _pair_row(name: str, figure: dict[str, Any]) -> PairRow:
    kind = KINDS.get(name) or next((kind for other, _, kind, _ in COLUMNS if other == name), SHARE)
    heading = next((heading for other, heading, *_ in COLUMNS if other == name), WORDS.get(name, _plain(name)))
    low, high = figure["ci"] or (None, None)
    word = "no difference shown"
    if low is None or high is None:
        word = "not assessable"
    elif low > 0 or high < 0:
        word = "first is higher" if low > 0 else "second is higher"
    return PairRow(
        heading=heading,
        first=tell(figure["first"], kind),
        second=tell(figure["second"], kind),
        difference=tell(figure["difference"], kind, signed=True),
        low=tell(low, kind, signed=True),
        high=tell(high, kind, signed=True),
        n=figure["n"],
        word=word,
        only_first=figure.get("only_first"),
        only_second=figure.get("only_second"),
        p=_tell_p(figure.get("p")),
        holm=_tell_p(figure.get("p_holm")),
    )


def _tell_p(p: float | None) -> str:
    if p is None:
        return "–"
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def list_main(report: dict[str, Any]) -> tuple[Cell, ...]:
    return tuple(_cell(report, name, heading, kind, leads) for name, heading, kind, leads in COLUMNS)


def list_figures(report: dict[str, Any]) -> tuple[Cell, ...]:
    """All of them: those of the leaderboard, then the others that the report has. Empty before there is a report."""
    if not report:
        return ()
    main = {name for name, *_ in COLUMNS}
    others = [name for name in report["figures"] if name not in main]
    more = (_cell(report, name, WORDS.get(name, _plain(name)), KINDS.get(name, SHARE), "") for name in others)
    return (*list_main(report), *more)


def _cell(report: dict[str, Any], name: str, heading: str, kind: str, leads: str) -> Cell:
    figure = report["figures"].get(name) or {"value": None, "n": 0, "ci": None, "missing": report["records"]}
    low, high = figure["ci"] or (None, None)
    return Cell(
        name=name,
        heading=heading,
        value=tell(figure["value"], kind),
        low=tell(low, kind),
        high=tell(high, kind),
        n=figure["n"],
        missing=figure["missing"],
        kind=leads,
    )


def tell(value: float | None, kind: str, *, signed: bool = False) -> str:
    """None is a dash, never 0. ``signed``: a difference, of shares in percentage points."""
    if value is None:
        return "–"
    sign = ("−" if value < 0 else "+") if signed else "−" * (value < 0)
    size = abs(value)
    if kind == SHARE:
        return f"{sign}{100 * size:.1f} {'points' if signed else '%'}"
    return f"{sign}${size:,.0f}" if kind == DOLLARS else f"{sign}{size:.2f}"


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()
