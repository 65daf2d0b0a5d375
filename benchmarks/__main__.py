"""`python -m benchmarks [p1 p2 p3 p4] [--json FILE] [--quick]`; the package's docstring says what is measured."""

import argparse
import asyncio
import datetime
import json
from pathlib import Path

from rich.console import Console

from benchmarks.app import USER, running_app
from benchmarks.context import Context
from benchmarks.cores import machine, pin_load
from benchmarks.p1 import measure_p1
from benchmarks.p2 import measure_p2, p2_rows, p3_rows
from benchmarks.p4 import measure_p4
from benchmarks.report import Row, as_json, show
from benchmarks.visitor import Visitor
from tests.fake_upstream import running

NAMES = ("p1", "p2", "p3", "p4")
# One turn a walkthrough: one walkthrough is one stream. More threads than the largest number of streams.
SETTINGS = {"HORIZON": 1, "WORKER_THREADS": 256, "LOG_LEVEL": "WARNING"}
NOT_RUN = "LiteLLM proxy: not run, it is not installed; no figure of it is shown."


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the live dialogue.")
    parser.add_argument("names", nargs="*", metavar="p1|p2|p3|p4", help="which figures (all of them)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    parser.add_argument("--quick", action="store_true", help="one run each and fewer levels, under two minutes")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"unknown figure: {', '.join(sorted(unknown))}")
    arguments.names = arguments.names or list(NAMES)
    return arguments


async def run(context: Context, names: list[str], password: str) -> tuple[list[Row], list[str]]:
    await context.visitor.sign_in(USER, password)
    await context.visitor.choose_case()
    rows: list[Row] = []
    notes: list[str] = []
    if "p1" in names:
        found, more = await measure_p1(context)
        rows, notes = rows + found, notes + more
    if {"p2", "p3"} & set(names):
        runs = await measure_p2(context)
        rows += p2_rows(runs) if "p2" in names else []
        rows += p3_rows(runs) if "p3" in names else []
        notes.append(NOT_RUN)
    if "p4" in names:
        found, more = await measure_p4(context)
        rows, notes = rows + found, notes + more
    return rows, notes


async def main(arguments: argparse.Namespace, console: Console) -> None:
    about = machine()
    console.print(
        f"{about['processor']}, app on core {about['app_core']}, load on {about['load_cores']}", highlight=False
    )
    with running() as upstream, running_app(upstream.url, **SETTINGS) as app:
        async with Visitor(app.address) as visitor:
            context = Context(app, upstream, visitor, console, arguments.quick)
            rows, notes = await run(context, arguments.names, app.password)
    show(console, rows, notes)
    if arguments.json:
        when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        report = as_json(rows, notes, machine=about, measured_at=when, quick=arguments.quick)
        arguments.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    pin_load()
    asyncio.run(main(parse(), Console()))
