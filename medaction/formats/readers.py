"""One door for all case files."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from medaction.formats import agentclinic, own_jsonl, teaching
from medaction.formats.lines import Line, read_lines
from medaction.formats.rows import CaseRow, RowError, failed_row

FORMATS = ("auto", "own_jsonl", "agentclinic", "teaching")
_RECORD_READERS: dict[str, Callable[[Any, int], CaseRow]] = {
    "own_jsonl": own_jsonl.read_record,
    "agentclinic": agentclinic.read_record,
}


def read_cases(path: str | Path, format: str = "auto") -> Iterator[CaseRow]:  # noqa: A002 - the word users know
    """Rows of a case file, one by one; what is wrong with the file or a row is a row too, never an exception.

    Ids must differ within a file. Raises ``ValueError`` for a format that does not exist.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format {format!r}; use one of {', '.join(FORMATS)}")
    source = Path(path)
    if format == "teaching" or (format == "auto" and source.suffix in (".yaml", ".yml") and not source.is_dir()):
        return _refuse_repeats(teaching.read_yaml(source))
    return _refuse_repeats(_read_jsonl(source, format))


def _read_jsonl(path: Path, name: str) -> Iterator[CaseRow]:
    read: Callable[[Any, int], CaseRow] | None = _RECORD_READERS.get(name)
    empty = True
    for line in read_lines(path):
        empty = False
        if line.problem:
            yield failed_row(line.number, line.problem)
            continue
        if read is None:
            if line.text.strip() in ("[", "{", "[{"):
                yield failed_row(line.number, "the file is one JSON document; write one case a line (JSON Lines)")
                return
            read = _RECORD_READERS[detect_format(line.text)]
        yield _read_line(line, read)
    if empty:
        yield failed_row(1, "the file is empty")


def _read_line(line: Line, read: Callable[[Any, int], CaseRow]) -> CaseRow:
    try:
        record = orjson.loads(line.text)
    except orjson.JSONDecodeError as error:
        return failed_row(line.number, f"is not JSON: {error.msg} (column {error.colno})")
    return read(record, line.number)


def detect_format(text: str) -> str:
    """The format that a first line belongs to; our own, when it could be any."""
    return "agentclinic" if agentclinic.ROOT in text else "own_jsonl"


def _refuse_repeats(rows: Iterator[CaseRow]) -> Iterator[CaseRow]:
    seen: dict[str, CaseRow] = {}
    for row in rows:
        if row.case is None:
            yield row
            continue
        first = seen.setdefault(row.case.id, row)
        if first is row:
            yield row
        else:
            place = f"{first.file} line {first.line}" if first.file else f"line {first.line}"
            yield replace(row, case=None, errors=(RowError(row.line, "id", f"repeats the id of {place}"),))
