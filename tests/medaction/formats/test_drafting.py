"""Case reports to drafts: nothing becomes a case by itself, nothing personal is repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.domain.case import CaseError, Category
from medaction.formats.drafting import confirm_draft, draft_case, mask_personal_data

REPORT = """Case presentation
Mr John Smith, a 54-year-old man, was seen on 12 March 2021 with three weeks of fever. MRN: 4451239.
His phone is +44 20 7946 0958.

## Physical examination
- Temperature: 38.9 °C
- Heart: pansystolic murmur at the apex

**Investigations:**
- CRP: 140 mg/L
- Transthoracic echocardiogram showed a vegetation on the mitral valve.

Final diagnosis: Infective endocarditis
Treatment: Antibiotics from Dr. Jane Roe.
"""
PROSE = (
    "A 30-year-old woman came with double vision for two months. She was previously diagnosed with asthma. On "
    "examination there was fatigable ptosis. Acetylcholine receptor antibodies were 12 nmol/L. CT of the chest showed "
    "a thymic mass. She was diagnosed with myasthenia gravis. She was given pyridostigmine."
)


def test_a_report_with_headings():
    draft = draft_case(REPORT)
    assert [(item.name, item.category) for item in draft.menu] == [
        ("Temperature", Category.EXAM),
        ("Heart", Category.EXAM),
        ("CRP", Category.LAB),
        ("Transthoracic echocardiogram", Category.IMAGING),
    ]
    assert (draft.diagnosis, draft.confidence("diagnosis")) == ("Infective endocarditis", 0.9)
    assert (draft.demographics.age_years, draft.demographics.sex) == (54, "male")
    assert "three weeks of fever" in draft.o1
    assert "Antibiotics" not in draft.o1


def test_prose_is_sorted_and_doubted():
    draft = draft_case(PROSE)
    assert draft.o1 == (
        "A 30-year-old woman came with double vision for two months.\nShe was previously diagnosed with asthma."
    )
    assert draft.diagnosis == "myasthenia gravis"
    assert [item.name for item in draft.menu][-1] == "CT of the chest"
    assert draft.confidence("o1") == draft.confidence("menu") == 0.3
    assert any(warning.startswith("o1: ") for warning in draft.warnings)


def test_a_draft_becomes_a_case_only_in_a_persons_name():
    draft = draft_case(REPORT)
    with pytest.raises(CaseError, match="in a person's name"):
        confirm_draft(draft, confirmed_by=" ", case_id="x")
    case = confirm_draft(draft, confirmed_by="A. Reader", case_id="x")
    assert (case.diagnosis.text, len(case.menu)) == ("Infective endocarditis", 4)
    with pytest.raises(CaseError):
        confirm_draft(draft_case("Nothing here"), confirmed_by="A. Reader", case_id="x")


def test_personal_data_is_masked_and_not_repeated():
    draft = draft_case(REPORT)
    said = str(draft.to_dict())
    for secret in ("Smith", "4451239", "7946", "0958", "12 March", "Roe"):
        assert secret not in said
    assert {hit.kind for hit in draft.masked} == {"name", "date", "phone number", "record number"}
    assert "de-identified" not in said.lower()
    assert "anonym" not in said.lower()
    assert any("a person must read every part" in warning for warning in draft.warnings)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("DOB 03/04/1961", "DOB [date]"),
        ("on 2021-03-12", "on [date]"),
        ("in March 2020", "in [date]"),
        ("Name: Anna Maria Lopez", "Name: [name]"),
        ("seen by Dr. O'Neill", "seen by [name]"),
        ("mail anna@example.org", "mail [e-mail or web address]"),
        ("SSN 123-45-6789", "SSN [record number]"),
        ("NHS number 943 476 5919", "NHS number [record number]"),
        ("tel: 555 1234", "tel: [phone number]"),
        ("lives at 12 Green Park Road", "lives at [address]"),
        ("a 93-year-old man", "a [age over 89]-year-old man"),
    ],
)
def test_what_is_masked(text, masked):
    assert mask_personal_data(text)[0] == masked


@pytest.mark.parametrize(
    "text",
    [
        "Sodium 138 mmol/L (135-145), platelets 150-400",
        "BP 120/80 mmHg, 37.5 °C, GCS 15/15",
        "Crohn disease, Lewy bodies and a Baker cyst",
        "for 3 may be an infection",
        "5 mg on day 12",
        "HLA-B27, CA 19-9, CD4 count 350",
        "an 84-year-old woman",
        "T12-L2 fracture; C5-C6 disc",
    ],
)
def test_what_is_clinical_stays(text):
    assert mask_personal_data(text) == (text, ())


@given(st.text(max_size=400))
def test_any_text_gives_a_draft(text):
    draft = draft_case(text)
    assert draft.warnings
    assert all(0 <= part.confidence <= 1 for part in draft.parts)
