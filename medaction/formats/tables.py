"""Tables of cases, one a row: CSV, TSV or JSON lines.

Two sets of columns are known, in any order and case. DiagnosisArena's: Case Information, Physical Examination,
Diagnostic Tests, Final Diagnosis. Our own: ``o1`` and ``diagnosis`` are required; id, title, age_years, sex, source,
licence, group_key, specialty, difficulty, synthetic and hidden_notes are fields of a case; aliases and concept_ids are
parted by ``|``; ``menu`` holds labelled lines; and a column named ``<category>: <test>`` ("lab: Ferritin") holds that
test's result.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from medaction.domain.canonical import content_hash
from medaction.domain.case import Case, CaseError, Category, Demographics, Diagnosis, MenuItem
from medaction.domain.fields import kind_of, unstorable
from medaction.formats.items import read_items
from medaction.formats.lines import read_lines
from medaction.formats.osce_menu import slug
from medaction.formats.people import read_person
from medaction.formats.rows import CaseRow, failed_row, refused_row

ARENA = ("case information", "diagnostic tests", "final diagnosis")
_OWN = frozenset(
    [
        "id",
        "title",
        "age_years",
        "sex",
        "o1",
        "diagnosis",
        "aliases",
        "concept_ids",
        "source",
        "licence",
        "group_key",
        "specialty",
        "difficulty",
        "synthetic",
        "hidden_notes",
        "menu",
    ]
)
_TRUE = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
_TEST_COLUMN = re.compile(rf"({'|'.join(Category)})\s*:\s*(\S.*)", re.IGNORECASE | re.DOTALL)


def is_header(line: str) -> bool:
    """Whether a first line is the header of a table that can be read."""
    names = {_column(name) for name in re.split(r"[,;\t]", line)}
    return names >= {*ARENA} or names >= {"o1", "diagnosis"}


def is_record(text: str) -> bool:
    """Whether a JSON line looks like a row of DiagnosisArena."""
    return all(re.search(rf'"{name.replace(" ", "[ _]")}"\s*:', text, re.IGNORECASE) for name in ARENA)


def read_table(path: Path) -> Iterator[CaseRow]:
    """Rows of a CSV or TSV file; a quoted cell may span lines. The row's line is that of its last line."""
    reading = _Lines(path)
    header: list[str] | None = None
    rows: Iterator[list[str]] | None = None
    first = next(iter(reading), "")
    yield from reading.take_problems()
    if not first:
        if not reading.failed:
            yield failed_row(1, "the file is empty")
        return
    delimiter = max("\t;,", key=first.count)
    rows = csv.reader(_chain(first, reading), delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            yield failed_row(reading.number, f"is not a table row: {error}")
            continue
        yield from reading.take_problems()
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = cells
            if fault := _header_fault(cells):
                yield failed_row(1, fault)
                return
            continue
        if len(cells) != len(header):
            yield failed_row(reading.number, f"has {len(cells)} cells where the header has {len(header)}")
            continue
        yield read_record(dict(zip(header, cells, strict=True)), reading.number)
    yield from reading.take_problems()


def read_record(record: Any, line: int) -> CaseRow:
    """The row of one mapping from column to text."""
    if not isinstance(record, Mapping):
        return failed_row(line, f"must be an object, not {kind_of(record)}")
    cells = {_column(str(name)): value for name, value in record.items() if value is not None}
    wrong = next((name for name, value in cells.items() if isinstance(value, str) and unstorable(value)), None)
    if wrong:
        return failed_row(line, unstorable(cells[wrong]), wrong)
    try:
        data = _arena(cells, line) if ARENA[0] in cells or ARENA[2] in cells else _own(cells, line)
        return CaseRow(line, Case.from_dict(data))
    except CaseError as error:
        return refused_row(line, error)


def _arena(cells: Mapping[str, Any], line: int) -> dict[str, Any]:
    told, diagnosis = _required(cells, ARENA[0]), _required(cells, ARENA[2])
    tests = _text(cells, ARENA[1])
    exam = _text(cells, "physical examination")
    menu = read_items(exam, name="Physical examination", category=Category.EXAM) if exam else ()
    menu += read_items(tests, name="Diagnostic tests", taken=[item.key for item in menu])
    if not menu:
        raise CaseError(ARENA[1], "is blank")
    age, sex = read_person(told)
    own_id = _text(cells, "id") or f"{line:05d}"
    group = content_hash({"o1": told, "dx": diagnosis})[:16]
    case = Case(
        id=f"arena-{own_id}",
        title=f"Case {own_id}",
        source="DiagnosisArena table",
        licence="see the source",
        group_key=_text(cells, "group key") or f"arena:{group}",
        demographics=Demographics(age_years=age, sex=sex),
        o1=told,
        menu=menu,
        diagnosis=Diagnosis(diagnosis),
        synthetic=False,
    )
    return case.to_dict()


def _own(cells: Mapping[str, Any], line: int) -> dict[str, Any]:
    """A mapping for :meth:`Case.from_dict`, which names what is missing or wrong."""
    data: dict[str, Any] = {"id": f"row-{line:05d}"}
    menu: list[MenuItem] = []
    demographics: dict[str, Any] = {}
    names: dict[str, list[str]] = {"aliases": [], "concept_ids": []}
    for column, value in cells.items():
        name, text = column.replace(" ", "_"), str(value).strip()
        if found := _TEST_COLUMN.fullmatch(column):
            if text:
                label = found[2].strip()
                menu.append(MenuItem(_free(slug(label), menu), label, category=Category(found[1].lower()), result=text))
        elif name not in _OWN:
            raise CaseError(column, "is not a known column")
        elif not text or name == "diagnosis":
            continue
        elif name == "menu":
            menu += read_items(text, name="Tests", taken=[item.key for item in menu])
        elif name in names:
            names[name] = [part.strip() for part in text.split("|") if part.strip()]
        elif name == "age_years":
            demographics[name] = _number(text)
        elif name == "sex":
            demographics[name] = text.lower()
        elif name == "synthetic":
            data[name] = _TRUE.get(text.lower(), text)
        else:
            data[name] = text
    data["menu"] = [item.to_dict() for item in menu]
    data["diagnosis"] = {"text": _required(cells, "diagnosis"), **names}
    if demographics:
        data["demographics"] = demographics
    return data


def _free(key: str, menu: list[MenuItem]) -> str:
    taken = {item.key for item in menu}
    number, free = 2, key
    while free in taken:
        free, number = f"{key}_{number}", number + 1
    return free


def _number(text: str) -> float | str:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _column(name: str) -> str:
    return " ".join(name.strip().strip('"\ufeff').replace("_", " ").casefold().split()).replace(
        "age years", "age_years"
    )


def _text(cells: Mapping[str, Any], column: str) -> str:
    """A cell's text; a list becomes bullets."""
    value = cells.get(column)
    if isinstance(value, list):
        return "\n".join(f"- {part}" for part in value if isinstance(part, str))
    return "" if value is None or isinstance(value, Mapping) else str(value).strip()


def _required(cells: Mapping[str, Any], column: str) -> str:
    text = _text(cells, column)
    if not text:
        raise CaseError(column, "is blank" if column in cells else "is missing")
    return text


def _header_fault(cells: list[str]) -> str:
    names = [_column(cell) for cell in cells]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        return f"the header has the column {twice!r} twice"
    if {*names} >= {*ARENA} or {*names} >= {"o1", "diagnosis"}:
        return ""
    return "the header names neither the columns o1 and diagnosis nor DiagnosisArena's"


class _Lines:
    """Lines of a file for the CSV reader; those that cannot be read are kept aside as rows."""

    def __init__(self, path: Path) -> None:
        self._source = read_lines(path, keep_blank=True)
        self._problems: list[CaseRow] = []
        self.number = 1
        self.failed = False

    def __iter__(self) -> Iterator[str]:
        for line in self._source:
            self.number = line.number
            if line.problem:
                self.failed = True
                self._problems.append(failed_row(line.number, line.problem))
            else:
                yield line.text + "\n"

    def take_problems(self) -> list[CaseRow]:
        taken, self._problems = self._problems, []
        return taken


def _chain(first: str, rest: _Lines) -> Iterator[str]:
    yield first
    yield from rest
