"""Cases into the database: all rows or none."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max

from diagnosis.models import Case
from medaction.domain.case import Case as DomainCase
from medaction.formats.rows import CaseRow

# The escape of U+0000, but not an escaped backslash before "u0000".
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# One import at a time: two would give the same case the same revision.
IMPORT_LOCK = 7_305_001
# Stands for the case's own field in a message.
FIELDS = {"slug": "id", "presentation": "o1", "age_years": "demographics.age_years", "sex": "demographics.sex"}


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong, where: ``medaction.formats.rows.RowError`` with its file."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {f'{self.field} ' if self.field else ''}{self.message}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``updated`` cases got a new revision. With any error nothing was written, and the counts say what would be."""

    created: int
    updated: int
    unchanged: int
    errors: tuple[RowFault, ...]


def import_cases(*, rows: Iterable[CaseRow], dry_run: bool = False) -> ImportReport:
    """Import every row, or nothing if any row is wrong. The same content again changes nothing."""
    cases: dict[str, DomainCase] = {}
    errors: list[RowFault] = []
    for row in rows:
        faults = [(error.field, error.message) for error in row.errors]
        if row.case is not None:
            faults += find_faults(row.case)
            if row.case.id in cases:
                faults.append(("id", f"“{row.case.id}” was already given by another file"))
            cases[row.case.id] = row.case
        errors.extend(RowFault(row.file, row.line, field, message) for field, message in faults)
    with transaction.atomic():
        lock_cases()
        current = {case.slug: case for case in _lock_current(cases)}
        created = [case for case in cases.values() if case.id not in current]
        updated = [
            case for case in cases.values() if case.id in current and current[case.id].content_hash != case.content_hash
        ]
        if not errors and not dry_run:
            Case.objects.filter(pk__in=[current[case.id].pk for case in updated]).update(is_current=False)
            number = number_revisions(cases)
            Case.objects.bulk_create(build_case(case, revision=number[case.id]) for case in (*created, *updated))
    unchanged = len(cases) - len(created) - len(updated)
    return ImportReport(len(created), len(updated), unchanged, tuple(errors))


def lock_cases() -> None:
    """Until the transaction ends, nobody else adds a case."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])


def number_revisions(slugs: Iterable[str]) -> dict[str, int]:
    """The number that the next revision of each gets. A case may have revisions without a current one."""
    slugs = list(slugs)
    newest = Case.objects.filter(slug__in=slugs).order_by().values_list("slug").annotate(Max("revision"))
    return dict.fromkeys(slugs, 1) | {slug: revision + 1 for slug, revision in newest}


def _lock_current(slugs: Iterable[str]) -> Iterable[Case]:
    current = Case.objects.select_for_update().filter(slug__in=list(slugs), is_current=True)
    return current.only("slug", "content_hash")


def build_case(case: DomainCase, *, revision: int) -> Case:
    return Case(
        slug=case.id,
        revision=revision,
        title=case.title,
        specialty=case.specialty,
        difficulty=case.difficulty,
        age_years=case.demographics.age_years,
        sex=case.demographics.sex or "",
        presentation=case.o1,
        source=case.source,
        licence=case.licence,
        group_key=case.group_key,
        synthetic=case.synthetic,
        payload=case.to_dict(),
        content_hash=case.content_hash,
    )


def find_faults(case: DomainCase) -> list[tuple[str, str]]:
    """What the database could not hold, as field and message."""
    faults = []
    try:
        build_case(case, revision=1).clean_fields(exclude=["source", "licence"])
    except ValidationError as error:
        faults = [(FIELDS.get(field, field), " ".join(messages)) for field, messages in error.message_dict.items()]
    if NUL.search(orjson.dumps(case.to_dict())):
        faults.append(("", "holds a NUL character, which cannot be stored"))
    return faults
