"""`medaction bench compare`: runs beside each other, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from medaction.bench.compare import ACCURACIES, CompareError, compare_runs
from medaction.bench.loading import load_report
from medaction.bench.page.numbers import write, write_difference, write_p
from medaction.bench.page.words import COMPARED
from medaction.bench.report import MixedRecordsError
from medaction.cli.app import fail, print_json
from medaction.cli.bench import bench
from medaction.distill.lines import LinesError
from medaction.distill.runs import RunError


@bench.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(help="Runs' directories or reports, two or more.")],
    force_common: Annotated[
        bool, typer.Option("--force-common", help="Compare the common cases of runs on different ones.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Pair runs by case: differences with intervals, McNemar's exact test, corrected by Holm over all tests."""
    try:
        told = compare_runs([load_report(path) for path in runs], force_common=force_common, seed=seed)
    except (CompareError, MixedRecordsError, RunError, LinesError) as error:
        fail(str(error))
    if as_json:
        print_json(told)
        return
    console = Console(width=None if Console().is_terminal else 120)
    for pair in told["pairs"]:
        console.print(_table(pair))
    for name, values in told["settings"].items():
        console.print(f"Set differently: {name} ({', '.join(map(str, values))})", markup=False, highlight=False)


def _table(pair: dict[str, Any]) -> Table:
    table = Table(title=f"{pair['first']} − {pair['second']}, {pair['n']:,} cases", title_justify="left")
    for heading in ("figure", "first", "second", "difference", "95 % interval", "n", "only first : second", "p, Holm"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for name, figure in pair["figures"].items():
        if figure["difference"] is None:
            continue
        low, high = (write_difference(name, end) for end in figure["ci"])
        tested = name in ACCURACIES and "p_holm" in figure
        table.add_row(
            COMPARED[name],
            write(name, figure["first"]),
            write(name, figure["second"]),
            write_difference(name, figure["difference"]),
            f"{low} to {high}",
            f"{figure['n']:,}" + (f" : {figure['n_second']:,}" if "n_second" in figure else ""),
            f"{figure['only_first']} : {figure['only_second']}" if tested else "",
            write_p(figure["p_holm"]) if tested else "",
        )
    return table
