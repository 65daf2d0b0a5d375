"""Cases from a file, for commands."""

from pathlib import Path

import typer

from medaction.bench.catalogue import NotHereError, find_benchmark
from medaction.cli.app import fail
from medaction.domain.case import Case
from medaction.formats.frozen import FrozenError, is_frozen, open_frozen
from medaction.formats.loinc2hpo import LabTerms, read_lab_terms
from medaction.formats.readers import read_cases


def load_lab_terms(path: Path | None) -> LabTerms | None:
    """A loinc2hpo table; rows that were left out are told on stderr. Ends the command when it holds none."""
    if path is None:
        return None
    table = read_lab_terms(path)
    for error in table.errors:
        typer.echo(f"medaction: {path.name}: {error}", err=True)
    if not table.terms:
        fail(f"{path.name} holds no result that can be used")
    return table


def find_cases(path: Path, data: Path | None) -> Path:
    """``path``, or the file of the benchmark that it names. Ends the command when that is not in the data folder."""
    try:
        return path if path.exists() else find_benchmark(str(path), data) or path
    except NotHereError as error:
        raise typer.BadParameter(str(error)) from error


def load_cases(
    path: Path,
    format: str = "auto",  # noqa: A002 - users' word
    limit: int | None = None,
    *,
    labs: LabTerms | None = None,
) -> list[Case]:
    """The cases of a file, or of a frozen benchmark; refused rows are told on stderr. Ends the command when there is no
    case at all."""
    if is_frozen(path):
        try:
            return open_frozen(path).load()[:limit]
        except FrozenError as fault:
            fail(f"{fault}")
    cases: list[Case] = []
    refused = 0
    try:
        for row in read_cases(path, format, labs=labs):
            if row.case is None:
                refused += 1
                for error in row.errors[:1]:
                    typer.echo(f"medaction: {path.name}: {error}", err=True)
            else:
                cases.append(row.case)
            if limit is not None and len(cases) >= limit:
                break
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if not cases:
        fail(f"{path.name} holds no case that can be used")
    if refused:
        typer.echo(f"medaction: {refused} row(s) of {path.name} were left out", err=True)
    return cases
