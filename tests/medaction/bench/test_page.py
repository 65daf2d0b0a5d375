"""The HTML report: complete, in one file, and deaf to whatever a model or a case wrote."""

import io
from html.parser import HTMLParser
from typing import Any

import pytest
from rich.console import Console

from medaction.bench.compare import compare_runs
from medaction.bench.curves import draw_curves, find_front
from medaction.bench.page import render_page
from medaction.bench.page.axes import Frame, nice_ticks
from medaction.bench.page.markup import join, tag
from medaction.bench.page.numbers import points, write_difference, write_p
from medaction.bench.report import build_report
from medaction.cli.bench_summary import print_summary

HOSTILE = (
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "</style><style>*{display:none}</style>",
    "</svg><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7*7 }} ${7*7}",
    "\x00\x08\udce4 ‮evil",
)  # fmt: skip


def make_record(
    case: str, *, rank: int | None = 1, static: bool = False, text: str = "Gout", **more: Any
) -> dict[str, Any]:
    step = {"leader": text, "leader_p": 0.6, "truth_rank": rank, "truth_p": 0.6 if rank else 0.0, "valid": True}
    orders = [[text, "RESULT"], ["ESR", "UNAVAILABLE"], ["ESR", "DUPLICATE"]]
    scores = {"dtc": None, "rac": None, "grounding": None, "coverage": None} if static else {}
    answer = {"rank": rank, "truth_p": 0.6}
    record = {
        "id": case, "case_hash": f"hash of {case}", "group": case, "sample": 0, "truth": text, "given": text,
        "rank": rank, "verdict": "same" if rank == 1 else "other", "p": 0.6, "truth_p": 0.6, "policy": text,
        "turns": 2, "cost": 120.0, "seconds": 0.1, "orders": 3, "unavailable": 1, "format_failures": 0,
        "dtc": 0.9, "rac": 0.8, "grounding": 1.0, "coverage": 0.9, "correct": rank == 1, "notes": [],
        "battery": {} if static else {"unavailable_rate": [1, 3], "rigidity": [0, 0], "test_recall": [1, 2]},
        "measures": {} if static else {"dtc_slope": 0.1},
        "tests": None if static else {"key": [text], "missed": [text]},
        "path": [{**step, "turn": turn, "diagnosis": None, "orders": orders, "asked": True} for turn in (2, 3)],
        "static": static, "coded": False, "candidate": False, "graph": "g", "metric_version": "2",
        "readings": {} if static else {"all": answer, "own": answer},
        "ordering": {"changed": [True], "right": [False], "total_variation": [0.25]},
    }  # fmt: skip
    if static:
        record["readings"] = {"all": answer}
    return {**record, **scores, **more}


def make_report(text: str = "Gout", *, n: int = 32, static: bool = False, **about: Any) -> dict[str, Any]:
    records = [make_record(f"c{n}", rank=1 if n % 3 else None, static=static, text=text) for n in range(n)]
    return build_report(records, {"graph": "g", "cases_file": "cases.jsonl", "static": static, **about})


class Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_page_of_several_runs_has_every_part() -> None:
    reports = [make_report("Run A"), make_report("Run B", static=True)]
    page = Page(render_page(reports, compare_runs(reports)))
    text = "".join(page.text)
    for part in (
        *("Runs", "Belief over turns", "Calibration", "Cost and accuracy", "What asking costs"),
        *("The order of evidence", "Failure battery", "Compared", "Cases", "How to read this", "What was run"),
        *("own operationalisation", "Not for patient care", "32 cases"),
    ):
        assert part in text, part
    assert page.open == []
    assert page.tags.count("svg") > 10
    assert page.tags.count("details") == 32


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    report = make_report(text, policy=text, cases_file=text)
    page = Page(render_page([report, make_report("B")], f"they differ: {text}"))
    assert page.open == []
    assert {"script", "img", "link", "iframe", "object", "form", "a"}.isdisjoint(page.tags)
    assert page.tags.count("style") == 1
    names = {name for _, name, _ in page.attributes}
    assert not any(name.startswith("on") or name in ("src", "href", "xlink:href", "action") for name in names)
    if text.isprintable():
        assert any(text in piece for piece in "".join(page.text).split("\n"))


def test_nothing_is_fetched() -> None:
    page = render_page([make_report()])
    policy = next(value for tag, name, value in Page(page).attributes if (tag, name) == ("meta", "content"))
    assert policy.startswith("default-src 'none';")
    assert "url(" not in page
    assert "http:" not in page
    assert "https:" not in page
    page.encode()


def test_few_answers_and_no_cases_still_make_a_page() -> None:
    few = render_page([make_report(n=3)])
    assert "3 answers carry a probability" in few
    assert Page(render_page([build_report([], {"policy": "nobody", "graph": "g"})])).open == []


def test_synthetic_cases_are_called_so() -> None:
    some = [make_record("c1", synthetic=True), make_record("c2")]
    assert ", 1 of them synthetic" in render_page([build_report(some, {"graph": "g"})])
    assert ", all synthetic" in render_page([build_report(some[:1], {"graph": "g"})])
    assert "synthetic." not in render_page([make_report()]).split("For education")[0]


def test_one_run_is_not_compared_with_itself() -> None:
    page = render_page([make_report("Alone")])
    assert "in every run" not in page
    assert "Cost and accuracy" not in page
    assert "in every run" in render_page([make_report("One"), make_report("Two")])


def test_long_lists_and_unfinished_runs_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medaction.bench.page.cases.MOST", 5)
    page = render_page([{**make_report(n=12), "complete": False}])
    assert "unfinished, 12 records so far" in page
    assert "3 more are in the JSON" in page


def test_several_samples_are_counted_on_the_badge() -> None:
    records = [make_record("c1", rank=rank, sample=sample) for sample, rank in enumerate((1, None, 1))]
    assert "2 of 3" in render_page([build_report(records, {"graph": "g"})])


def test_a_judge_is_told_beside_concept_match() -> None:
    judged = {
        "model": "judge <1>",
        "asked": 4,
        "same": 1,
        "different": 2,
        "undecided": 1,
        "top1": 0.75,
        "top1_ci": [0.6, 0.9],
    }
    page = render_page([{**make_report(), "judged": judged}])
    assert "With a judge" in page
    assert "judge &lt;1&gt;" in page
    assert "75.0 %" in page
    assert "With a judge" not in render_page([make_report()])


def test_a_terminal_gets_a_table() -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    print_summary(make_report("Somebody"), console)
    told = console.export_text()
    for part in ("Somebody, 32 cases", "First is right", "65.6 %", "Acquisition regret", "Brier", "metric version 2"):
        assert part in told, part
    print_summary(build_report([], {"policy": "nobody", "graph": "g"}), console)
    assert "nobody, 0 cases" in console.export_text()


def test_markup_escapes_all_but_itself() -> None:
    assert tag("p", "a < b", tag("b", "&"), None, ["x", 1], class_='"', data_of=None) == (
        '<p class="&quot;">a &lt; b<b>&amp;</b>x1</p>'
    )
    assert join(["<", tag("i", "<")]) == "&lt;<i>&lt;</i>"


def test_differences_carry_their_sign() -> None:
    assert (points(0.0001), points(-0.056), points(None)) == ("0.0", "−5.6", "–")
    assert (write_p(0.00001), write_p(0.0482)) == ("< 0.0001", "0.0482")
    assert (write_difference("cost", -1234.4), write_difference("dtc", 0.05)) == ("−1,234", "+0.05")


def test_a_frame_places_its_corners() -> None:
    frame = Frame((0.0, 10.0), (0.0, 1.0), width=100, height=80, left=10, right=10, top=5, bottom=15)
    assert (frame.at_x(0), frame.at_x(10), frame.at_y(0), frame.at_y(1)) == (10, 90, 65, 5)
    assert Frame((2.0, 2.0)).at_x(2.0) > 0


@pytest.mark.parametrize(
    ("high", "ticks"),
    [(0, [0, 1]), (1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (520, [0, 100, 200, 300, 400, 500, 600]), (7, [0, 2, 4, 6, 8])],
)
def test_ticks(high: float, ticks: list[float]) -> None:
    assert nice_ticks(high) == ticks


def test_the_front_is_what_nothing_beats() -> None:
    points = [(100.0, 0.5), (50.0, 0.4), (200.0, 0.5), (80.0, 0.3), (50.0, 0.2), (300.0, 0.9)]
    assert find_front(points) == [1, 0, 5]
    assert find_front([]) == []


def test_curves_carry_the_last_word_forward() -> None:
    def path(*entries: tuple[int, str | None, int | None, float | None]) -> list[dict[str, Any]]:
        return [{"turn": turn, "leader": leader, "truth_rank": rank, "truth_p": p} for turn, leader, rank, p in entries]

    short = path((2, "x", None, 0.0), (3, "y", 1, 0.8))
    long = path((2, None, None, None), (3, "x", 2, 0.2), (4, None, None, None), (5, "y", 1, 0.6))
    told = draw_curves([{"static": False, "group": n, "path": p} for n, p in enumerate((short, long))])
    assert told is not None
    assert told["turns"] == [2, 3, 4, 5]
    assert [one["value"] for one in told["truth_p"]] == [0.0, 0.5, 0.5, 0.7]
    assert [one["n"] for one in told["truth_p"]] == [1, 2, 2, 2]
    assert [one["value"] for one in told["leading"]] == [0.0, 0.5, 0.5, 1.0]
    assert draw_curves([{"static": True, "group": 1, "path": short}]) is None
