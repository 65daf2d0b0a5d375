"""What a reader gives for each record of a file."""

from dataclasses import dataclass

from medaction.domain.case import Case, CaseError


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong, where. ``line`` counts from 1; ``field`` is a path such as ``menu[2].cost``, or empty."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {f'{self.field} ' if self.field else ''}{self.message}"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One record: a case, or the reasons why it is none. ``file`` names the file where a folder was read."""

    line: int
    case: Case | None = None
    errors: tuple[RowError, ...] = ()
    file: str = ""


def failed_row(line: int, message: str, field: str = "", *, file: str = "") -> CaseRow:
    return CaseRow(line, errors=(RowError(line, field, message),), file=file)


def refused_row(line: int, error: CaseError, *, file: str = "") -> CaseRow:
    """The row of a record whose fields are wrong: all of them are named."""
    errors = tuple(RowError(line, fault.field, fault.message) for fault in error.errors)
    return CaseRow(line, errors=errors, file=file)
