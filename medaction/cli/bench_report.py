"""`medaction bench report`: one HTML file of one run or several, and the same as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from medaction.bench.compare import CompareError, compare_runs
from medaction.bench.loading import load_report
from medaction.bench.page import render_page
from medaction.bench.report import MixedRecordsError
from medaction.cli.app import fail, print_json
from medaction.cli.bench import bench
from medaction.distill.lines import LinesError
from medaction.distill.runs import RunError, write_whole


@bench.command()
def report(
    runs: Annotated[list[Path], typer.Argument(help="Runs' directories or reports.")],
    html: Annotated[Path, typer.Option(help="Write the page here, and the figures beside it as .json.")],
    force_common: Annotated[
        bool, typer.Option("--force-common", help="Compare the common cases of runs on different ones.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the comparison's bootstrap.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as one JSON document.")] = False,
) -> None:
    """A page that needs nothing else: figures, intervals, plots, and every case."""
    if html.suffix == ".json":
        raise typer.BadParameter("--html names the page; the figures are written beside it as .json")
    try:
        reports = [load_report(path) for path in runs]
        comparison = _compare(reports, force_common, seed)
        figures = html.with_suffix(".json")
        told = {"format": "medaction.bench.page/1", "runs": reports, "comparison": comparison}
        write_whole(html, [render_page(reports, comparison).encode()])
        write_whole(figures, [orjson.dumps(told, option=orjson.OPT_INDENT_2)])
    except (MixedRecordsError, RunError, LinesError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error}: {html} was not written")
    if as_json:
        print_json({"html": str(html), "json": str(figures), "runs": len(reports)})
    else:
        print(f"{html} and {figures.name}: {len(reports)} run(s)")


def _compare(reports: list[dict[str, Any]], force_common: bool, seed: int) -> dict[str, Any] | str | None:
    """None for one run; the reason where runs cannot be compared."""
    if len(reports) < 2:
        return None
    try:
        return compare_runs(reports, force_common=force_common, seed=seed)
    except CompareError as error:
        return str(error)
