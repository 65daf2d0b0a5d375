"""A judge's options, and the asking of one, for commands."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import typer

from medaction.bench.judging import Pair, Ruling, RulingBook, ask_all, list_undecided, open_judge, summarise_judged
from medaction.bench.judging.book import RULINGS
from medaction.bench.loading import JUDGED
from medaction.cli.app import fail
from medaction.cli.interrupts import INTERRUPTED, terminable
from medaction.cli.progress import show_progress
from medaction.distill.lines import LinesError
from medaction.distill.runs import write_whole
from medaction.inference.errors import ModelError


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """``parallel``: questions at a time."""

    model: str
    url: str
    api_key: str = field(default="", repr=False)
    parallel: int = 4


def judge_records(
    records: Sequence[Mapping[str, Any]], options: JudgeOptions, *, run: Path | None, seed: int
) -> dict[str, Any]:
    """The figures with the judge's rulings beside those without. ``run``: the directory in which rulings and figures
    are kept. Ends the command when the judge cannot be asked."""
    try:
        rulings = ask(list_undecided(records), options, run and run / RULINGS)
        told = summarise_judged(records, rulings, options.model, seed=seed)
        if run is not None:
            write_whole(run / JUDGED, [orjson.dumps(told, option=orjson.OPT_INDENT_2)])
    except LinesError as error:
        fail(f"{error}")
    except OSError as error:
        fail(f"{run} cannot be written: {error.strerror or error}")
    return told


def ask(pairs: Sequence[Pair], options: JudgeOptions, kept: Path | None) -> Mapping[Pair, Ruling]:
    """Ends the command when the judge cannot be asked; what it ruled before is kept, if there is a file for it."""
    where = f"kept in {kept}; the same command goes on" if kept else "not kept"
    unique = list(dict.fromkeys(pairs))

    async def ask_them() -> Mapping[Pair, Ruling]:
        judge = open_judge(options.model, options.url, options.api_key)
        try:
            with RulingBook(kept, options.model) as book, show_progress("Questions", len(unique)) as advance:
                return await ask_all(unique, judge, book, parallel=options.parallel, on_done=advance)
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
