"""One door for all case files."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from medaction.formats import agentclinic, medrbench, own_jsonl, phenopackets, tables, teaching
from medaction.formats.lines import MAX_LINE_BYTES, Line, read_lines
from medaction.formats.loinc2hpo import LabTerms
from medaction.formats.members import peek, read_members
from medaction.formats.rows import CaseRow, RowError, failed_row
from medaction.knowledge import KnowledgeError

RecordReader = Callable[[Any, int], CaseRow]
FORMATS = ("auto", "own_jsonl", "agentclinic", "medrbench", "phenopackets", "table", "teaching")
_RECORD_READERS: dict[str, RecordReader] = {
    "own_jsonl": own_jsonl.read_record,
    "agentclinic": agentclinic.read_record,
    "medrbench": medrbench.read_record,
    "phenopackets": phenopackets.read_record,
    "table": tables.read_record,
}
_TABLE_SUFFIXES = (".csv", ".tsv")
_YAML_SUFFIXES = (".yaml", ".yml")
# How a document that spreads over many lines begins; anything else is taken for one record a line.
_DOCUMENT = re.compile(r"\s*(?:\[|\{\s*\n)")


def read_cases(
    path: str | Path,
    format: str = "auto",  # noqa: A002 - the word users know
    *,
    labs: LabTerms | None = None,
) -> Iterator[CaseRow]:
    """Rows of a case file, one by one; what is wrong with the file or a row is a row too, never an exception.

    JSON may be one record a line, one array, or (MedR-Bench, or a single record) one object; all may be gzipped. Ids
    must differ within a file. ``labs`` give laboratory results of phenopackets their meaning.
    Raises ``ValueError`` for a format that does not exist.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format {format!r}; use one of {', '.join(FORMATS)}")
    return _refuse_repeats(_read(Path(path), format, labs))


def _read(path: Path, name: str, labs: LabTerms | None = None) -> Iterator[CaseRow]:
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    if name == "teaching" or (name == "auto" and _is_yaml(path, plain.suffix)):
        yield from teaching.read_yaml(path)
        return
    opening = peek(path)
    is_json = opening.lstrip()[:1] in ("{", "[")
    if not is_json and (
        name == "table" or plain.suffix in _TABLE_SUFFIXES or tables.is_header(opening.partition("\n")[0])
    ):
        yield from tables.read_table(path)
    elif medrbench.KEYED.match(opening):
        yield from _read_records(read_members(path), name, labs)
    elif _DOCUMENT.match(opening):
        pieces = read_members(path)
        yield from _read_records(pieces if opening.lstrip()[:1] == "[" else _one_record(pieces), name, labs)
    else:
        yield from _read_records(read_lines(path), name, labs)


def _is_yaml(path: Path, suffix: str) -> bool:
    """A YAML file, or a folder that holds one."""
    if suffix in _YAML_SUFFIXES and not path.is_dir():
        return True
    return path.is_dir() and any(inside.suffix in _YAML_SUFFIXES for inside in path.iterdir())


def _read_records(lines: Iterator[Line], name: str, labs: LabTerms | None) -> Iterator[CaseRow]:
    readers: dict[str, RecordReader] = {**_RECORD_READERS, "phenopackets": partial(phenopackets.read_record, labs=labs)}
    read = readers.get(name)
    empty = True
    for line in lines:
        empty = False
        if line.problem:
            yield failed_row(line.number, line.problem)
            continue
        read = read or readers[detect_format(line.text)]
        yield _read_line(line, read)
    if empty:
        yield failed_row(1, "the file is empty")


def _read_line(line: Line, read: RecordReader) -> CaseRow:
    try:
        record = orjson.loads(line.text)
    except orjson.JSONDecodeError as error:
        return failed_row(line.number, f"is not JSON: {error.msg} (column {error.colno})")
    try:
        return read(record, line.number)
    except KnowledgeError as error:
        return failed_row(line.number, f"cannot be read without the ontology: {error}")


def _one_record(members: Iterator[Line]) -> Iterator[Line]:
    """An object's entries put together again; entry by entry where each is a record of its own (MedR-Bench)."""
    entries: list[str] = []
    size = 0
    for member in members:
        if member.problem or (not entries and medrbench.MARK in member.text and not member.text.startswith(_OWN_MARK)):
            yield member
            if member.problem:
                return
            yield from members
            return
        size += len(member.text)
        if size > MAX_LINE_BYTES:
            yield Line(1, problem=f"is longer than {MAX_LINE_BYTES:,} bytes")
            return
        entries.append(member.text[1:-1])
    if entries:
        yield Line(1, text=f"{{{','.join(entries)}}}")


_OWN_MARK = "{" + medrbench.MARK


def detect_format(text: str) -> str:
    """The format that a first record belongs to; our own, when it could be any."""
    if agentclinic.ROOT in text:
        return "agentclinic"
    if medrbench.MARK in text:
        return "medrbench"
    if phenopackets.MARK in text:
        return "phenopackets"
    return "table" if tables.is_record(text) else "own_jsonl"


def _refuse_repeats(rows: Iterator[CaseRow]) -> Iterator[CaseRow]:
    seen: dict[str, CaseRow] = {}
    for row in rows:
        if row.case is None:
            yield row
            continue
        first = seen.setdefault(row.case.id, replace(row, case=None))
        if (first.file, first.line) == (row.file, row.line):
            yield row
        else:
            place = f"{first.file} line {first.line}" if first.file else f"line {first.line}"
            yield replace(row, case=None, errors=(RowError(row.line, "id", f"repeats the id of {place}"),))
