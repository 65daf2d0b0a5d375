"""Cases from a file, for commands."""

from pathlib import Path

import typer

from medaction.cli.app import fail
from medaction.domain.case import Case
from medaction.formats.readers import read_cases


def load_cases(path: Path, format: str = "auto", limit: int | None = None) -> list[Case]:  # noqa: A002 - users' word
    """The cases of a file; refused rows are told on stderr. Ends the command when there is no case at all."""
    cases: list[Case] = []
    refused = 0
    try:
        for row in read_cases(path, format):
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
