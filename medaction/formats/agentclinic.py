"""AgentClinic's OSCE cases (Schmidgall et al., MIT licence): written from exam vignettes, so marked as synthetic.

What the patient tells becomes ``o1``; the examination and the tests become the menu, result texts word for word.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from medaction.domain.canonical import content_hash
from medaction.domain.case import Case, CaseError, Demographics, Diagnosis, MenuItem
from medaction.domain.fields import Fields
from medaction.formats.osce_menu import clean_name, flatten, leaf_text
from medaction.formats.people import read_person
from medaction.formats.rows import CaseRow, failed_row, refused_row

ROOT = "OSCE_Examination"
SOURCE = "AgentClinic (MedQA)"
LICENCE = "MIT"

_MAX_DEPTH = 20
_BRACKETED = re.compile(r"^(.*\S)\s*\(([^()]+)\)$")
# Where each part of the patient's story stands, and what it is called in o1.
_STORY = (
    "Past_Medical_History",
    "Social_History",
    "Review_of_Systems",
    "Current_Medications",
    "Medications",
    "Drug_History",
    "Family_History",
    "Allergies",
)


def read_record(record: Any, line: int) -> CaseRow:
    """The row of one parsed line. The id numbers the line; the group key is a hash of what the record says.

    So a case that comes twice stays in one group, and a file in another order shows as other content under an old id.
    """
    if _is_too_deep(record):
        return failed_row(line, f"is nested more than {_MAX_DEPTH} levels deep")
    outer = Fields(record)
    inner = Fields(outer.raw(ROOT), ROOT, outer.errors)
    patient = Fields(inner.raw("Patient_Actor"), inner.path("Patient_Actor"), outer.errors)
    who = patient.text("Demographics")
    diagnosis = inner.text("Correct_Diagnosis")
    story = list(_tell(patient))
    menu = _menu(inner)
    if outer.errors:
        first = outer.errors[0]
        return refused_row(line, CaseError(first.field, first.message, tuple(outer.errors)))
    case = Case(
        id=f"agentclinic-{line:04d}",
        title=f"{who}: {_complaint(patient)}",
        source=SOURCE,
        licence=LICENCE,
        group_key=f"agentclinic:{content_hash(record)[:16]}",
        demographics=_demographics(who),
        o1="\n".join((_sentence(who), *story)),
        menu=menu,
        diagnosis=_diagnosis(diagnosis),
        synthetic=True,
        hidden_notes=inner.text("Objective_for_Doctor", default=""),
    )
    return _checked(case, line)


def _is_too_deep(record: Any) -> bool:
    level = [record]
    for _ in range(_MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, Mapping):
        return node.values()
    return node if isinstance(node, list) else ()


def _checked(case: Case, line: int) -> CaseRow:
    """Nothing may come out of an importer that would not come in through our own format."""
    try:
        return CaseRow(line, Case.from_dict(case.to_dict()))
    except CaseError as error:
        return refused_row(line, error)


def _menu(inner: Fields) -> tuple[MenuItem, ...]:
    exams = flatten(_mapping(inner, "Physical_Examination_Findings"), exams=True)
    tests = flatten(_mapping(inner, "Test_Results"), exams=False)
    taken = {item.key for item in exams}
    return exams + tuple(replace(item, key=f"test_{item.key}") if item.key in taken else item for item in tests)


def _mapping(fields: Fields, name: str) -> Mapping[str, Any]:
    value = fields.raw(name)
    if isinstance(value, Mapping):
        return value
    Fields(value, fields.path(name), fields.errors)
    return {}


def _tell(patient: Fields) -> Iterator[str]:
    """The patient's story, a paragraph a part."""
    yield _sentence(patient.text("History"))
    symptoms = _mapping(patient, "Symptoms")
    for label, value in symptoms.items():
        if text := leaf_text(value):
            yield f"{_label(label)}: {_sentence(text)}"
    for name in _STORY:
        if text := leaf_text(patient.raw(name)):
            yield f"{_label(name)}: {_sentence(text)}"


def _label(name: str) -> str:
    return clean_name(name).capitalize()


def _complaint(patient: Fields) -> str:
    symptom = leaf_text(_mapping(patient, "Symptoms").get("Primary_Symptom"))
    return symptom[:1].lower() + symptom[1:] if symptom else "presenting complaint"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def _demographics(who: str) -> Demographics:
    age, sex = read_person(who)
    return Demographics(age_years=age, sex=sex, note=who)


def _diagnosis(text: str) -> Diagnosis:
    """A name with an abbreviation in brackets is known by both."""
    bracketed = _BRACKETED.match(text.strip())
    return Diagnosis(text.strip(), aliases=bracketed.groups() if bracketed else ())
