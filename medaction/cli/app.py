"""The one typer application. Each command group is a module of this package that registers itself here."""

from __future__ import annotations

import json
from typing import NoReturn

import typer

app = typer.Typer(
    name="medaction",
    help="Active, multi-turn clinical diagnosis: environments, trajectories, metrics and served models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def options() -> None:
    """Education and research on published or synthetic cases. Not for patient care."""


def fail(message: str, code: int = 1) -> NoReturn:
    """End with one line on stderr and this exit code. (A wrong option or argument ends with 2, by typer.)"""
    typer.echo(f"medaction: {message}", err=True)
    raise typer.Exit(code)


def print_json(value: object) -> None:
    """Print one JSON document on one line, at once even into a pipe."""
    print(json.dumps(value, ensure_ascii=False), flush=True)
