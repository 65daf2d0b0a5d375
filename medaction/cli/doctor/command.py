"""The command: run every check, print a table or JSON, end with 1 when one failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from medaction.cli.app import app, print_json
from medaction.cli.doctor.check import Check, Status, Surroundings, find_checkout
from medaction.cli.doctor.graph import check_graph
from medaction.cli.doctor.machine import check_browser, check_disk, check_home, check_ports, check_python
from medaction.cli.doctor.packages import check_packages, check_runtime, check_weights
from medaction.cli.doctor.services import check_database, check_model, check_queue
from medaction.cli.doctor.site import check_site

FORMAT = "medaction.doctor/1"
CHECKS: tuple[Callable[[Surroundings], Check], ...] = (
    check_python,
    check_packages,
    check_weights,
    check_runtime,
    check_model,
    check_graph,
    check_database,
    check_queue,
    check_home,
    check_disk,
    check_ports,
    check_browser,
    check_site,
)
MARKS = {
    Status.OK: "[green]ok  [/]",
    Status.WARN: "[yellow]note[/]",
    Status.FAIL: "[red]FAIL[/]",
    Status.SKIP: "[dim]–   [/]",
}


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")] = False,
    database_url: Annotated[str, typer.Option(envvar="DATABASE_URL", help="PostgreSQL to use.")] = "",
    redis_url: Annotated[str, typer.Option(envvar="REDIS_URL", help="Redis or Valkey to use.")] = "",
    model_url: Annotated[str, typer.Option(envvar="MODEL_URL", help="Model server to use.")] = "",
    model_name: Annotated[str, typer.Option(envvar="MODEL_NAME", help="Model that it must offer.")] = "",
    model_api_key: Annotated[str, typer.Option(envvar="MODEL_API_KEY", help="Key of the model server.")] = "",
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    home: Annotated[Path | None, typer.Option(envvar="MEDACTION_HOME", help="Data folder of the demo.")] = None,
) -> None:
    """Check everything this machine needs and say what to do. Exit code 1 when something fails."""
    checkout = find_checkout(Path.cwd()) or find_checkout(Path(__file__).resolve())
    where = Surroundings(
        checkout=checkout,
        home=(home or (checkout or Path.cwd()) / ".run").expanduser().absolute(),
        database_url=database_url.strip(),
        redis_url=redis_url.strip(),
        model_url=model_url.strip(),
        model_name=model_name.strip(),
        model_api_key=model_api_key,
        cache=cache,
    )
    checks = [check(where) for check in CHECKS]
    failed = any(check.status is Status.FAIL for check in checks)
    if as_json:
        print_json({"format": FORMAT, "ok": not failed, "checks": [asdict(check) for check in checks]})
    else:
        print_table(checks)
    raise typer.Exit(int(failed))


def print_table(checks: list[Check]) -> None:
    """Print one line a check, and what to do below it."""
    console = Console(soft_wrap=True, highlight=False)
    for check in checks:
        console.print(f"{MARKS[check.status]}  {check.name:<14} {escape(check.detail)}")
        if check.advice and check.status is not Status.OK:
            console.print(f"{'':<21}→ {escape(check.advice)}")
