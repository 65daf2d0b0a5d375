"""MedR-Bench's schema, with cases that we wrote."""

import json

import pytest

from medaction.formats.medrbench import split_summary
from medaction.formats.readers import read_cases

SUMMARY = """**Case Summary:**

- **Patient Information:** 62-year-old man, retired teacher.
- **Chief Complaint:** Cough for six weeks.
- **Physical Examination:** Clubbing of the fingers.

**Ancillary Tests:**

- **Laboratory Tests:**
  - **Calcium:** 3.1 mmol/L
  - **Sodium:** 138 mmol/L
- **Imaging:**
  - **Chest CT:** A 4 cm mass in the left hilum.
- **Pathology:** Bronchial biopsy showed keratin pearls.
"""
ENTRY = {
    "title": "A long story",
    "generate_case": {
        "case_summary": SUMMARY,
        "differential_diagnosis": "Tuberculosis and lung cancer were considered.",
        "final_diagnosis": "Long reasoning, ending in the tumour.",
        "diagnosis_results": "Squamous cell carcinoma of the lung",
    },
    "body_category": ["Respiratory System"],
    "disorder_category": ["Neoplasms"],
}


def entry(**changes) -> dict:
    return {**ENTRY, "generate_case": {**ENTRY["generate_case"], **changes}}


def read(tmp_path, value, *, indent=None):
    path = tmp_path / "diagnosis_1.json"
    path.write_text(json.dumps(value, indent=indent), encoding="utf-8")
    return list(read_cases(path))


@pytest.mark.parametrize("indent", [None, 4])
def test_a_file_keyed_by_article(tmp_path, indent):
    rows = read(tmp_path, {"PMC1": ENTRY, "PMC2": ENTRY}, indent=indent)
    assert [row.case.id for row in rows] == ["PMC1", "PMC2"]
    case = rows[0].case
    assert case.group_key == "PMC1"
    assert case.diagnosis.text == "Squamous cell carcinoma of the lung"
    assert (case.demographics.age_years, case.demographics.sex) == (62, "male")
    assert case.specialty == "respiratory system"
    assert case.o1.startswith("- **Patient Information:** 62-year-old man")
    assert case.o1.endswith("Clubbing of the fingers.")
    assert [(item.name, item.result) for item in case.menu] == [
        ("Calcium", "3.1 mmol/L"),
        ("Sodium", "138 mmol/L"),
        ("Chest CT", "A 4 cm mass in the left hilum."),
        ("Bronchial biopsy", "Bronchial biopsy showed keratin pearls."),
    ]
    assert not case.synthetic
    assert "lung cancer were considered" in case.hidden_notes


def test_lines_with_an_id_of_their_own(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(json.dumps({"id": name, **ENTRY}) for name in ("PMC8", "PMC9")))
    assert [row.case.id for row in read_cases(path)] == ["PMC8", "PMC9"]


def test_keys_that_are_no_pmc_numbers(tmp_path):
    assert [row.case.id for row in read(tmp_path, {"a": ENTRY, "b": ENTRY}, indent=1)] == ["a", "b"]


def test_further_results_are_further_names(tmp_path):
    (row,) = read(tmp_path, {"PMC1": entry(diagnosis_results=["Gout", "Tophaceous gout"])})
    assert (row.case.diagnosis.text, row.case.diagnosis.aliases) == ("Gout", ("Tophaceous gout",))
    (row,) = read(tmp_path, {"PMC1": entry(diagnosis_results=None, final_diagnosis="Gout")})
    assert row.case.diagnosis.text == "Gout"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"case_summary": None}, "PMC1.generate_case.case_summary", "is missing"),
        ({"case_summary": "Only a story."}, "PMC1.generate_case.case_summary", 'has nothing after "Ancillary Tests"'),
        ({"case_summary": 5}, "PMC1.generate_case.case_summary", "must be a string, not a number"),
        ({"diagnosis_results": None, "final_diagnosis": None}, "PMC1.generate_case.diagnosis_results", "is missing"),
    ],
)
def test_a_wrong_field_is_named(tmp_path, changes, field, message):
    good, bad = read(tmp_path, {"PMC0": ENTRY, "PMC1": entry(**changes)})
    assert good.case is not None
    assert (bad.errors[0].field, bad.errors[0].message) == (field, message)


def test_an_entry_that_is_no_object_is_told(tmp_path):
    rows = read(tmp_path, {"PMC1": ENTRY, "PMC2": "x"})
    assert rows[1].errors[0].message == "must be an object, not a string"


@pytest.mark.parametrize(
    "heading",
    ["**Ancillary Tests:**", "### Ancillary Tests", "- **Ancillary Tests**:", "4. Ancillary Tests:", "Ancillary tests"],
)
def test_the_heading_in_its_forms(heading):
    told, tests = split_summary(f"A story.\n{heading}\nECG: normal")
    assert (told, tests.strip()) == ("A story.", "ECG: normal")
