"""`medaction bench judge|judge-agreement`: a language model for what concept match cannot decide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from medaction.bench.judging import RowsError, read_pairs, report_agreement
from medaction.bench.runs import open_bench_run
from medaction.cli.app import fail, print_json
from medaction.cli.bench import bench
from medaction.cli.judge_asking import JudgeOptions, ask, judge_records
from medaction.cli.policies import load_graph
from medaction.distill.lines import LinesError
from medaction.distill.runs import RunError

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
    except (RunError, LinesError) as error:
        fail(f"{error}")
    options = JudgeOptions(judge_model, judge_url, judge_api_key, parallel)
    told = judge_records(records, options, run=run, seed=int(opened.manifest["about"]["seed"]))
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
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Json = False,
) -> None:
    """Ask a judge about every pair of a file, and set it beside concept match and, where given, beside people.

    A column ``human`` holds same or different. Kappa and percent come with intervals and their table.
    """
    try:
        rows = read_pairs(file, load_graph(cache))
        options = JudgeOptions(judge_model, judge_url, judge_api_key, parallel)
        told = ask([row.pair for row in rows], options, rulings)
    except (RowsError, LinesError) as error:
        fail(f"{error}")
    except OSError as error:
        fail(f"{error.filename or file}: {error.strerror or error}")
    report = {"judge": judge_model, **report_agreement(rows, told)}
    if as_json:
        print_json(report)
        return
    print(f"{report['pairs']} pairs, {report['undecided']} answers that were no ruling")
    for name in ("judge_vs_concept", "judge_vs_human", "concept_vs_human"):
        print(f"{name.replace('_', ' '):18}{_line(report[name])}")
    silent = ", ".join(f"{n} {name}" for name, n in report["where_concept_match_is_silent"].items())
    print(f"where concept match is silent: {silent}")
    print(report["what"])


def _line(found: dict[str, Any]) -> str:
    if found["percent"] is None:
        return f"not defined: {found['reason']}"
    kappa = f"kappa {found['kappa']:.2f} {found['kappa_ci'] or ''}" if found["kappa"] is not None else found["reason"]
    return f"{found['percent']:.1%} {found['percent_ci'] or ''} of {found['n']}, {kappa}"
