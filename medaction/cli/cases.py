"""`medaction cases`: check, lint and convert case files; draft a case from a report."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from medaction.cli.app import app, fail, print_json
from medaction.distill.synthetic import draw_cases
from medaction.domain.case import Case
from medaction.formats.drafting import draft_case
from medaction.formats.linting import Severity, is_sound, lint_case
from medaction.formats.own_jsonl import write_own_jsonl
from medaction.formats.readers import FORMATS, read_cases
from medaction.formats.rows import CaseRow
from medaction.knowledge import KnowledgeError, KnowledgeGraph, open_graph

cases = typer.Typer(help="Case files of every format.", no_args_is_help=True)
app.add_typer(cases, name="cases")

MOST_SHOWN = 100
File = Annotated[Path, typer.Argument(help="A case file of any format, or a folder of YAML cases.")]
Format = Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@cases.command()
def check(file: File, format: Format = "auto", as_json: Json = False) -> None:  # noqa: A002
    """Read a file and name every row that cannot be used; exit code 1 when there is one."""
    read, items, errors = 0, 0, []
    for row in _rows(file, format):
        if row.case is None:
            errors += [{"line": e.line, "field": e.field, "message": e.message, "file": row.file} for e in row.errors]
        else:
            read, items = read + 1, items + len(row.case.menu)
    if as_json:
        print_json({"cases": read, "menu_items": items, "errors": errors})
    else:
        for error in errors[:MOST_SHOWN]:
            print(f"{error['file'] or file.name} line {error['line']}: {error['field']} {error['message']}".strip())
        print(f"{read} cases with {items} menu items, {len(errors)} errors")
    if errors:
        raise typer.Exit(1)


@cases.command()
def synthesise(
    out: Annotated[Path, typer.Option(help="A new file, JSON lines.")],
    n: Annotated[int, typer.Option(help="How many, each of another disease.", min=1)] = 100,
    seed: Annotated[int, typer.Option(help="Decides every draw.", min=0)] = 0,
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Json = False,
) -> None:
    """Draw synthetic patients of common diseases from the authored graph: for training, never to measure by."""
    if out.exists():
        fail(f"{out} exists already; name another file with --out")
    made = list(draw_cases(_open(cache), n, seed))
    write_own_jsonl(made, out)
    if as_json:
        print_json({"cases": len(made), "asked": n})
    else:
        print(f"{len(made)} synthetic cases in {out}")


@cases.command()
def lint(
    file: File,
    format: Format = "auto",  # noqa: A002
    benchmark: Annotated[
        list[Path] | None, typer.Option(help="A benchmark's case file: none of its groups may appear.")
    ] = None,
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Json = False,
) -> None:
    """Does a case give itself away, can it be solved, can it be judged? Exit code 1 when one has an error."""
    graph = _open(cache)
    groups = {row.case.group_key for path in benchmark or () for row in _rows(path, "auto") if row.case}
    counts: Counter[str] = Counter()
    report: list[dict[str, Any]] = []
    read = sound = unread = 0
    for row in _rows(file, format):
        if row.case is None:
            unread += 1
            continue
        issues = lint_case(row.case, graph, benchmarks=groups)
        read, sound = read + 1, sound + is_sound(issues)
        counts.update({f"{issue.code} ({issue.severity})" for issue in issues})
        if issues:
            report.append({"id": row.case.id, "issues": [issue.to_dict() for issue in issues]})
    if as_json:
        print_json({"cases": read, "sound": sound, "unread": unread, "counts": dict(counts), "issues": report})
    else:
        _print_report(report)
        for name, count in counts.most_common():
            print(f"{count:6,}  {name}")
        print(f"{sound} of {read} cases have no error{f'; {unread} rows could not be read' if unread else ''}")
    if sound < read or unread:
        raise typer.Exit(1)


@cases.command()
def convert(
    file: File,
    out: Annotated[Path, typer.Argument(help="The file to write: our own format, one case a line.")],
    format: Format = "auto",  # noqa: A002
    skip_errors: Annotated[bool, typer.Option(help="Leave out rows that cannot be used, instead of stopping.")] = False,
    as_json: Json = False,
) -> None:
    """Write a file of any format as our own JSON lines. The new file appears whole or not at all."""
    skipped = 0

    def usable() -> Iterator[Case]:
        nonlocal skipped
        for row in _rows(file, format):
            if row.case is not None:
                yield row.case
            elif skip_errors:
                skipped += 1
            else:
                fail(f"{row.file or file.name}: {row.errors[0]}; nothing was written (--skip-errors leaves rows out)")

    try:
        written = write_own_jsonl(usable(), out)
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")
    if as_json:
        print_json({"written": written, "skipped": skipped})
    else:
        print(f"{written} cases written{f', {skipped} rows left out' if skipped else ''}")


@cases.command()
def draft(
    report: Annotated[str, typer.Argument(help="A plain text file, or - for standard input.")],
    as_json: Json = False,
) -> None:
    """Read a case report into a draft. A person confirms each part; this writes no case."""
    try:
        text = sys.stdin.read() if report == "-" else Path(report).read_text("utf-8")
    except OSError as error:
        fail(f"{report} cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"{report} is not UTF-8 text")
    found = draft_case(text)
    if as_json:
        print_json(found.to_dict())
        return
    for warning in found.warnings:
        print(f"! {warning}")
    for part in found.parts:
        print(f"{part.name:14} {part.confidence:.1f}  {part.why}")
    print(f"\n{found.o1}\n")
    for item in found.menu:
        print(f"[{item.category}] {item.name}: {item.result}")
    print(f"\nDiagnosis: {found.diagnosis or '(none found)'}")


def _rows(file: Path, name: str) -> Iterator[CaseRow]:
    try:
        return read_cases(file, name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _open(cache: Path | None) -> KnowledgeGraph:
    try:
        return open_graph(cache, on_build=lambda: typer.echo("Building the graph …", err=True))
    except KnowledgeError as error:
        fail(f"the graph was not built:\n{error}")


def _print_report(report: list[dict[str, Any]]) -> None:
    for found in report[:MOST_SHOWN]:
        for issue in found["issues"]:
            mark = "error" if issue["severity"] == Severity.ERROR else "warning"
            print(f"{found['id']}: {mark}: {issue['message']} [{issue['where']}]")
    if len(report) > MOST_SHOWN:
        print(f"… and {len(report) - MOST_SHOWN} more cases with issues")
