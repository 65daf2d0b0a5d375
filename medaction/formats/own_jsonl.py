"""Our own format: one ``Case.to_dict()`` a line."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from medaction.domain.case import Case, CaseError
from medaction.formats.rows import CaseRow, refused_row


def read_record(record: Any, line: int) -> CaseRow:
    """The row of one parsed line."""
    try:
        return CaseRow(line, Case.from_dict(record))
    except CaseError as error:
        return refused_row(line, error)


def write_own_jsonl(cases: Iterable[Case], path: str | Path) -> int:
    """Write cases, one a line, and return how many. The file appears whole or not at all.

    Raises ``OSError`` when the folder cannot be written; an error while the cases are made leaves the old file alone.
    """
    target = Path(path)
    count = 0
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for case in cases:
                file.write(orjson.dumps(case.to_dict()) + b"\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return count


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
