"""Cases from files into the database."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import orjson
from django.core.management.base import BaseCommand, CommandError

from diagnosis.services import ImportReport, import_cases
from medaction.formats.readers import FORMATS, read_cases
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases


class Command(BaseCommand):
    help = (
        "Import case files: every row or, if any row is wrong, none. Exits with 1 and says what is wrong, row by row."
    )

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="*", metavar="PATH", help="case files, or a folder of YAML cases")
        parser.add_argument("--format", default="auto", choices=FORMATS, help="default: told from the content")
        parser.add_argument("--teaching", action="store_true", help="also import the teaching cases that come along")
        parser.add_argument("--dry-run", action="store_true", help="check and count, but write nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *, paths, teaching, dry_run, **options):
        if not paths and not teaching:
            raise CommandError("Name at least one file, or give --teaching.")
        report = import_cases(rows=_read_all(paths, options["format"], teaching), dry_run=dry_run)
        if options["json"]:
            self.stdout.write(orjson.dumps(_as_dict(report, dry_run), option=orjson.OPT_INDENT_2).decode())
        else:
            self._print(report, dry_run)
        if report.errors:
            raise SystemExit(1)

    def _print(self, report: ImportReport, dry_run: bool) -> None:
        for fault in report.errors:
            self.stderr.write(str(fault))
        if report.errors:
            self.stderr.write(f"{len(report.errors)} error(s); nothing was imported.")
            return
        done = "would be" if dry_run else "were"
        self.stdout.write(
            f"{report.created} case(s) {done} created, {report.updated} {done} updated, "
            f"{report.unchanged} already up to date."
        )


def _read_all(paths: list[str], name: str, teaching: bool) -> Iterator[CaseRow]:
    for path in paths:
        for row in read_cases(path, name):
            yield row if row.file else replace(row, file=Path(path).name)
    if teaching:
        for line, case in enumerate(load_teaching_cases(), start=1):
            yield CaseRow(line, case, file="teaching cases")


def _as_dict(report: ImportReport, dry_run: bool) -> dict[str, object]:
    return {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "errors": [asdict(fault) for fault in report.errors],
        "dry_run": dry_run,
    }
