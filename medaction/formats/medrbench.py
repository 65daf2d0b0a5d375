"""MedR-Bench (Qiu et al. 2025): case reports as summary, "Ancillary Tests" and graded truth.

``o1`` is the summary before "Ancillary Tests", word for word; what follows becomes the menu. The group is the article.
"""

import re
from collections.abc import Mapping
from typing import Any

from medaction.domain.case import Case, CaseError, Demographics, Diagnosis
from medaction.domain.fields import Fields
from medaction.formats.items import read_items
from medaction.formats.people import describe_person, read_person
from medaction.formats.rows import CaseRow, refused_row

MARK = '"generate_case"'
KEYED = re.compile(r'\s*\{\s*"PMC[^"]*"\s*:\s*\{')
SOURCE = "MedR-Bench"
_IDS = ("id", "pmc_id", "pmcid", "PMC_id")
_TESTS = re.compile(
    r"^[^\S\n]*(?:[-*#•]+[^\S\n]*)*(?:\d+[.)][^\S\n]*)?(?:\*\*)?"
    r"ancillary (?:tests?|examinations?)(?:\*\*)?[^\S\n]*:?(?:\*\*)?",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = re.compile(r"^\s*[*#\s]*case summary[*\s]*:?[*\s]*(?:\n|$)", re.IGNORECASE)


def read_record(record: Any, line: int) -> CaseRow:
    """The row of one article: ``{"PMC1": {…}}``, or the inner object with its id among its fields."""
    key, fields = _open(record)
    inner = Fields(fields.raw("generate_case"), fields.path("generate_case"), fields.errors)
    summary = inner.text("case_summary")
    truth, aliases = _truth(inner)
    told, tests = split_summary(summary)
    if summary and not tests.strip():
        inner.fail("case_summary", 'has nothing after "Ancillary Tests"')
    if fields.errors:
        first = fields.errors[0]
        return refused_row(line, CaseError(first.field, first.message, tuple(fields.errors)))
    age, sex = read_person(told)
    bodies = _words(fields.raw("body_category"))
    case = Case(
        id=key,
        title=f"{describe_person(age, sex)}, {bodies[0].lower() if bodies else 'case report'}".capitalize(),
        source=SOURCE,
        licence="see the article",
        group_key=key,
        demographics=Demographics(age_years=age, sex=sex),
        o1=told,
        menu=read_items(tests, name="Ancillary tests"),
        diagnosis=Diagnosis(truth, aliases=aliases),
        synthetic=False,
        specialty=bodies[0].lower() if bodies else "general",
        hidden_notes="\n".join(
            filter(None, (*_words(inner.raw("differential_diagnosis")), *_words(inner.raw("final_diagnosis"))))
        ),
    )
    try:
        return CaseRow(line, Case.from_dict(case.to_dict()))
    except CaseError as error:
        return refused_row(line, error)


def split_summary(summary: str) -> tuple[str, str]:
    """What is told first, and the ancillary tests; the second is empty where there is no such heading."""
    found = _TESTS.search(summary)
    if not found:
        return summary.strip(), ""
    return _HEADING.sub("", summary[: found.start()]).strip() or summary, summary[found.end() :]


def _open(record: Any) -> tuple[str, Fields]:
    if isinstance(record, Mapping) and "generate_case" not in record and len(record) == 1:
        key, value = next(iter(record.items()))
        return str(key), Fields(value, str(key))
    fields = Fields(record)
    ids = [value for name in _IDS if isinstance(value := fields.raw(name), str) and value.strip()]
    if not ids:
        fields.fail("id", "is missing")
    return (ids[0] if ids else ""), fields


def _truth(inner: Fields) -> tuple[str, tuple[str, ...]]:
    """``diagnosis_results``, else a short ``final_diagnosis``; further entries are further names."""
    names = _words(inner.raw("diagnosis_results")) or [n for n in _words(inner.raw("final_diagnosis")) if len(n) < 200]
    if not names:
        inner.fail("diagnosis_results", "is missing")
        return "", ()
    return names[0], tuple(names[1:])


def _words(value: Any) -> list[str]:
    """Text of a string, a list of strings, or an object of such; nothing of anything else."""
    if isinstance(value, Mapping):
        value = [part for inner in value.values() for part in (inner if isinstance(inner, list) else [inner])]
    values = value if isinstance(value, list) else [value]
    return [text.strip() for text in values if isinstance(text, str) and text.strip()]
