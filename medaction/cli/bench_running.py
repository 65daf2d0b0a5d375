"""A benchmark run from a command: with a directory it can be stopped and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import typer

from medaction.bench.crew import BenchError, Job, Work, run_cases
from medaction.bench.report import build_report
from medaction.bench.run import choose_cases, describe_run
from medaction.bench.runs import RECORDS, BenchRun, make_bench_manifest, start_bench_run
from medaction.cli.app import fail
from medaction.cli.interrupts import INTERRUPTED, terminable
from medaction.cli.progress import show_progress
from medaction.distill.lines import LinesError
from medaction.distill.pool import PoolError
from medaction.distill.runs import RunError, hold_run
from medaction.domain.case import Case
from medaction.knowledge import KnowledgeGraph

Take = Callable[[dict[str, Any]], None]


def run_job(
    cases: list[Case],
    job: Job,
    graph: KnowledgeGraph,
    *,
    source: str,
    out: Path | None,
    processes: int,
    parallel: int,
) -> dict[str, Any]:
    """The report. Without ``out`` nothing is kept. Ends the command when a case cannot be run."""
    kept = choose_cases(cases, graph, job.settings)
    about = describe_run(graph, job.settings, left_out=len(cases) - len(kept))
    work = [(case, sample) for case in kept for sample in range(job.settings.samples)]

    def run(missing: list[Work], take: Take) -> None:
        with show_progress("Cases", len(work), len(work) - len(missing)) as advance:
            right = count = 0

            def take_one(record: dict[str, Any]) -> None:
                nonlocal right, count
                take(record)
                count += 1
                right += record["rank"] == 1
                advance(f"{right:,} of {count:,} right")

            run_cases(missing, job, graph, take_one, processes=processes, parallel=parallel)

    try:
        with terminable():
            if out is None:
                records: list[dict[str, Any]] = []
                run(work, records.append)
                return build_report(records, about, seed=job.settings.seed)
            with hold_run(out):
                manifest = make_bench_manifest(kept, source=source, policy=job.teachers.describe(), about=about)
                return _go_on(start_bench_run(out, manifest), work, run)
    except (BenchError, PoolError) as error:
        fail(f"no figures: {error}" if out is None else f"{error}; what was finished is kept in {out}")
    except (RunError, LinesError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error} ({out}); what was finished is kept, and the same command goes on")
    except KeyboardInterrupt:
        kept_is = (
            "nothing is kept without --out" if out is None else "what was finished is kept; the same command goes on"
        )
        typer.echo(f"medaction: stopped; {kept_is}", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _go_on(run: BenchRun, work: list[Work], run_missing: Callable[[list[Work], Take], None]) -> dict[str, Any]:
    """Run what the directory has not, and write the report of all."""
    with run.writer() as writer:
        if writer.cut:
            typer.echo(f"medaction: {RECORDS} ended in an unfinished line; {writer.cut} bytes were cut off", err=True)
        done = run.done()
        missing = [(case, sample) for case, sample in work if (case.id, sample) not in done]
        if done:
            typer.echo(f"medaction: {len(done):,} records are there; {len(missing):,} are to be made", err=True)
        run_missing(missing, lambda record: writer.append(orjson.dumps(record)))
    return run.write_report()
