"""`medaction bench judge|judge-agreement`: a language model for what concept match cannot decide."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from medaction.bench.judging import (
    Pair,
    RowsError,
    Ruling,
    RulingBook,
    ask_all,
    list_undecided,
    open_judge,
    read_pairs,
    report_agreement,
    summarise_judged,
)
from medaction.bench.judging.book import RULINGS
from medaction.bench.runs import open_bench_run
from medaction.cli.app import fail, print_json
from medaction.cli.bench import bench
from medaction.cli.interrupts import INTERRUPTED, terminable
from medaction.cli.policies import load_graph
from medaction.cli.progress import show_progress
from medaction.distill.lines import LinesError
from medaction.distill.runs import RunError, write_whole
from medaction.inference.errors import ModelError

JUDGED = "judged.json"

JudgeModel = Annotated[str, typer.Option(help="The judge's name at its server.")]
JudgeUrl = Annotated[str, typer.Option(help="An OpenAI-compatible server.")]
JudgeKey = Annotated[str, typer.Option(envvar="JUDGE_API_KEY", help="The server's key.", show_envvar=True)]
Parallel = Annotated[int, typer.Option(help="Questions at a time.", min=1, max=64)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@bench.command()
def judge(
    run: Annotated[Path, typer.Argument(help="A run's directory.")],
    judge_model: JudgeModel,
    judge_url: JudgeUrl,
    judge_api_key: JudgeKey = "",
    parallel: Parallel = 4,
    as_json: Json = False,
) -> None:
    """Ask a judge about the answers that concept match cannot decide. Nothing that it has decided is asked.

    Rulings are kept in the run's rulings.jsonl and the figures in judged.json; the run's own report stays as it is.
    """
    try:
        opened = open_bench_run(run)
        records = list(opened.records())
        pairs = list_undecided(records)
        rulings = ask(pairs, judge_model, judge_url, judge_api_key, run / RULINGS, parallel)
        told = summarise_judged(records, rulings, judge_model, seed=int(opened.manifest["about"]["seed"]))
        write_whole(run / JUDGED, [orjson.dumps(told, option=orjson.OPT_INDENT_2)])
    except (RunError, LinesError) as error:
        fail(f"{error}")
    except OSError as error:
        fail(f"{run} cannot be written: {error.strerror or error}")
    if as_json:
        print_json({key: value for key, value in told.items() if key != "cases"})
        return
    print(f"asked {told['asked']}: {told['same']} same, {told['different']} different, {told['undecided']} undecided")
    print(f"top-1 with the judge {told['top1']:.3f}, interval {told['top1_ci']}, {told['n']} cases")
    print(told["what"])


@bench.command("judge-agreement")
def agreement(
    file: Annotated[Path, typer.Argument(help="A run's directory, a report, or JSONL or CSV with truth and given.")],
    judge_model: JudgeModel,
    judge_url: JudgeUrl,
    judge_api_key: JudgeKey = "",
    rulings: Annotated[
        Path | None, typer.Option(help="Keep rulings in this file, and ask only what it has not.")
    ] = None,
    parallel: Parallel = 4,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.", min=0)] = 0,
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Json = False,
) -> None:
    """Ask a judge about every pair of a file, and set it beside concept match and, where given, beside people.

    A column ``human`` holds same or different. Kappa and percent come with intervals and the table that they are of.
    """
    try:
        rows = read_pairs(file, load_graph(cache))
        told = ask([row.pair for row in rows], judge_model, judge_url, judge_api_key, rulings, parallel)
    except (RowsError, LinesError) as error:
        fail(f"{error}")
    except OSError as error:
        fail(f"{error.filename or file}: {error.strerror or error}")
    report = {"judge": judge_model, **report_agreement(rows, told, seed=seed)}
    if as_json:
        print_json(report)
        return
    print(f"{report['pairs']} pairs, {report['undecided']} answers that were no ruling")
    for name in ("judge_vs_concept", "judge_vs_human", "concept_vs_human"):
        print(f"{name.replace('_', ' '):18}{_line(report[name])}")
    silent = ", ".join(f"{n} {name}" for name, n in report["where_concept_match_is_silent"].items())
    print(f"where concept match is silent: {silent}")
    print(report["what"])


def ask(
    pairs: Sequence[Pair], model: str, url: str, api_key: str, kept: Path | None, parallel: int
) -> Mapping[Pair, Ruling]:
    """Ends the command when the judge cannot be asked; what it ruled before is kept, if there is a file for it."""
    where = f"kept in {kept}; the same command goes on" if kept else "not kept"
    unique = list(dict.fromkeys(pairs))

    async def ask_them() -> Mapping[Pair, Ruling]:
        judge = open_judge(model, url, api_key)
        try:
            with RulingBook(kept, model) as book, show_progress("Questions", len(unique)) as advance:
                return await ask_all(unique, judge, book, parallel=parallel, on_done=advance)
        finally:
            await judge.aclose()

    try:
        with terminable():
            return asyncio.run(ask_them())
    except ModelError as error:
        fail(f"the judge cannot be asked: {error}; what it ruled is {where}")
    except KeyboardInterrupt:
        typer.echo(f"medaction: stopped; what was ruled is {where}", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _line(found: dict[str, Any]) -> str:
    if found["percent"] is None:
        return "no pair that both decide"
    kappa = "not defined" if found["kappa"] is None else f"{found['kappa']:.2f} {found['kappa_ci']}"
    return f"{found['percent']:.1%} {found['percent_ci']} of {found['n']}, kappa {kappa}"
