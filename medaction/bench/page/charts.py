"""The figures: accuracy with intervals, belief over turns, calibration, cost against accuracy, what asking costs."""

from collections.abc import Mapping, Sequence
from typing import Any

from medaction.bench.curves import find_front

from .axes import Frame, nice_ticks
from .marks import band, line, mark, run_class, whisker
from .markup import Markup, tag
from .numbers import dollars, share

Report = Mapping[str, Any]
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_READINGS = {"all": "all evidence", "own": "own evidence", "active": "active"}
_NAMES = {"top1": "First is right", "top3": "Among the first 3", "top10": "Among the first 10"}


def per_cent(value: float) -> str:
    return f"{value:.0%}".replace("%", " %")


def draw_accuracy(reports: Sequence[Report], labels: Sequence[str]) -> Markup:
    """A row for each rank and run: the share that is right, with its interval."""
    groups = [
        (words, [(run, labels[run], report["figures"][name]) for run, report in enumerate(reports)])
        for name, words in _NAMES.items()
    ]
    return _draw_rows("Accuracy of each run with its interval", groups)


def draw_regret(reports: Sequence[Report], labels: Sequence[str]) -> Markup | None:
    """For each run that was read so: accuracy with all evidence, with its own evidence at once, and active."""
    groups = [
        (labels[run], [(run, words, report["regret"]["top1"][name]) for name, words in _READINGS.items()])
        for run, report in enumerate(reports)
        if report["regret"]
    ]
    return _draw_rows("Accuracy of three readings of each case", groups, named=True) if groups else None


def _draw_rows(
    title: str, groups: Sequence[tuple[str, Sequence[tuple[int, str, Mapping[str, Any]]]]], *, named: bool = False
) -> Markup:
    """Groups of estimates, each a mark with its interval and value. ``named``: the group's name above, each row's own
    beside it."""
    step, gap = 22.0, 18.0
    lead = step if named else 0.0
    height = sum(lead + step * len(rows) + gap for _, rows in groups) + 60
    frame = Frame((0.0, 1.0), width=820, height=height, left=150, right=90)
    content: list[Markup] = frame.grid_x(QUARTERS, per_cent, "share of cases, with 95 % interval")
    y = frame.top + step / 2
    for heading, rows in groups:
        middle = y + step * (len(rows) - 1) / 2
        place = {"x": 0, "y": y + 4} if named else {"x": frame.left - 14, "y": middle + 4, "text_anchor": "end"}
        content.append(tag("text", heading, class_="row", **place))
        y += lead
        for run, name, figure in rows:
            if figure["value"] is not None:
                low, high = (frame.at_x(end) for end in figure["ci"])
                told = share(figure["value"])
                content.append(whisker(run, (low, y), (high, y)))
                content.append(mark(run, frame.at_x(figure["value"]), y, title=f"{name}: {told}"))
                content.append(tag("text", told, x=frame.width - frame.right + 14, y=y + 4, class_="value"))
                if named:
                    content.append(tag("text", name, x=frame.left - 14, y=y + 4, text_anchor="end", class_="tick"))
            y += step
        y += gap
    return frame.draw(title, content)


def draw_belief(reports: Sequence[Report], labels: Sequence[str], name: str, title: str) -> Markup | None:
    """One of the ``curves`` over turns, with its interval as a band. None where no run has one."""
    told = [(run, r["curves"]) for run, r in enumerate(reports) if r["curves"] and r["curves"][name][0]["n"]]
    if not told:
        return None
    turns = max((curves["turns"] for _, curves in told), key=len)
    frame = Frame((turns[0], turns[-1]), height=300)
    content: list[Markup] = [*frame.grid_y(QUARTERS, per_cent), *frame.grid_x(turns, str, "turn")]
    lines, marks = [], []
    for run, curves in told:
        points = [(frame.at_x(turn), one) for turn, one in zip(curves["turns"], curves[name], strict=True) if one["ci"]]
        content.append(
            band(
                run, [(x, frame.at_y(o["ci"][1])) for x, o in points], [(x, frame.at_y(o["ci"][0])) for x, o in points]
            )
        )
        lines.append(line(run, [(x, frame.at_y(one["value"])) for x, one in points]))
        marks += [
            mark(run, x, frame.at_y(one["value"]), 4, f"{labels[run]}: {share(one['value'])}, n {one['n']:,}")
            for x, one in points
        ]
    return frame.draw(title, content, lines, marks)


def draw_calibration(report: Report, run: int, label: str) -> Markup | None:
    """Stated probability against the share that is right; the area of a mark is the bin's n. None where hidden."""
    calibration = report["calibration"]
    if calibration["bins"] is None:
        return None
    frame = Frame((0.0, 1.0), width=300, height=300, left=46, right=26)
    start, end = (frame.at_x(0), frame.at_y(0)), (frame.at_x(1), frame.at_y(1))
    most = max(one["n"] for one in calibration["bins"])
    marks = []
    for one in calibration["bins"]:
        if one["n"]:
            x, y = frame.at_x(one["p"]), frame.at_y(one["right"])
            said = f"{one['from']:.1f} to {one['to']:.1f}: said {share(one['p'])}"
            told = f"{said}, right {share(one['right'])}, n {one['n']}"
            marks.append(tag("line", x1=x, x2=x, y1=y, y2=frame.at_y(one["p"]), class_="gap"))
            radius = round(3 + 9 * (one["n"] / most) ** 0.5, 2)
            marks.append(tag("circle", tag("title", told), cx=x, cy=y, r=radius, class_=f"bin {run_class(run)}"))
    return frame.draw(
        f"Calibration of {label}",
        frame.grid_y(QUARTERS, per_cent),
        frame.grid_x(QUARTERS, per_cent, "stated probability of the answer"),
        tag("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_="ideal"),
        marks,
    )


def draw_front(reports: Sequence[Report], labels: Sequence[str]) -> Markup | None:
    """Mean cost of tests against accuracy; a line joins the runs that no other beats on both. Runs that were told
    everything bought nothing and are left out. None without a run that ordered."""
    bought = [(run, r) for run, r in enumerate(reports) if r["curves"] and r["figures"]["cost"]["value"] is not None]
    if not bought:
        return None
    ticks = nice_ticks(max(r["figures"]["cost"]["ci"][1] for _, r in bought) or 1.0)
    frame = Frame((0.0, ticks[-1]), width=600, height=340, left=74, right=26)
    content: list[Markup] = [
        *frame.grid_y(QUARTERS, per_cent, "first diagnosis is right"),
        *frame.grid_x(ticks, dollars, "mean cost of tests a case, US dollars"),
    ]
    points = [(r["figures"]["cost"]["value"], r["figures"]["top1"]["value"]) for _, r in bought]
    front = [(frame.at_x(points[place][0]), frame.at_y(points[place][1])) for place in find_front(points)]
    content.append(tag("polyline", points=" ".join(f"{x},{y}" for x, y in front), class_="front"))
    for (run, report), (cost, right) in zip(bought, points, strict=True):
        x, y = frame.at_x(cost), frame.at_y(right)
        for name, (low, high) in (("cost", report["figures"]["cost"]["ci"]), ("top1", report["figures"]["top1"]["ci"])):
            level = name == "cost"
            ends = [(frame.at_x(v), y) if level else (x, frame.at_y(v)) for v in (low, high)]
            content.append(whisker(run, ends[0], ends[1]))
        content.append(mark(run, x, y, 6, f"{labels[run]}: {dollars(cost)}, {share(right)}"))
    return frame.draw("Cost against accuracy", content)
