"""Teaching cases: one YAML file a case, with the field names of ``Case.to_dict()``."""

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from medaction.domain.case import Case, CaseError
from medaction.formats.lines import MAX_LINE_BYTES
from medaction.formats.rows import CaseRow, failed_row, refused_row

_SUFFIXES = (".yaml", ".yml")
_MAX_DEPTH = 20
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Iterator[CaseRow]:
    """The row of a YAML file, or the rows of all YAML files of a folder in the order of their names."""
    sources = [path]
    if path.is_dir():
        sources = sorted(source for source in path.iterdir() if source.suffix in _SUFFIXES)
        if not sources:
            yield failed_row(1, "the folder holds no YAML file")
    for source in sources:
        yield _read_file(source)


def _read_file(path: Path) -> CaseRow:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_LINE_BYTES + 1)
    except FileNotFoundError:
        return failed_row(1, "the file does not exist", file=path.name)
    except OSError as error:
        return failed_row(1, f"the file cannot be read ({type(error).__name__})", file=path.name)
    if len(raw) > MAX_LINE_BYTES:
        return failed_row(1, f"is longer than {MAX_LINE_BYTES:,} bytes", file=path.name)
    return read_document(raw, file=path.name)


def read_document(raw: bytes, *, file: str) -> CaseRow:
    """The row of one YAML document."""
    if not raw.strip():
        return failed_row(1, "the file is empty", file=file)
    try:
        text = raw.decode("utf-8-sig")
        if _is_too_deep(text):
            return failed_row(1, f"is nested more than {_MAX_DEPTH} levels deep", file=file)
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
        return CaseRow(1, Case.from_dict(document), file=file)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return failed_row(line, f"is not UTF-8 (byte 0x{raw[error.start]:02X})", file=file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        return failed_row(mark.line + 1 if mark else 1, f"is not YAML: {problem}", file=file)
    except CaseError as error:
        return refused_row(1, error, file=file)
    except ValueError:
        return failed_row(1, "is not YAML: it holds a date or number that does not exist", file=file)


def _is_too_deep(text: str) -> bool:
    """The loader in C recurses without a limit and would take the process with it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            return True
    return False


@lru_cache(maxsize=1)
def load_teaching_cases() -> tuple[Case, ...]:
    """The cases that come with the package, in the order of their ids. Raises ``ValueError`` if one is broken."""
    cases = []
    for source in files("medaction.cases").iterdir():
        if source.name.endswith(_SUFFIXES):
            row = read_document(source.read_bytes(), file=source.name)
            if row.case is None:
                raise ValueError(f"{source.name}: {row.errors[0]}")
            cases.append(row.case)
    return tuple(sorted(cases, key=lambda case: case.id))
