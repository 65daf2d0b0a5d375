"""Free-form results cut into items, every word kept."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.domain.case import Category
from medaction.domain.matching import OrderMatcher
from medaction.formats.items import read_items

BULLETS = """- **Laboratory Tests:**
  - WBC: 14.2 ×10⁹/L (4–10)
  - CRP 120 mg/L, ESR 80 mm/h
- **Imaging:**
  - **Chest CT:** Multiple nodules.
    - Largest 3 cm in the right upper lobe
  - MRI of the brain showed no lesion. There was no oedema.
- **Pathology:** Lung biopsy revealed granulomas.
"""


def found(text: str) -> list[tuple[str, str]]:
    return [(item.name, item.result) for item in read_items(text, name="Ancillary tests")]


def test_bullets_and_labels():
    assert found(BULLETS) == [
        ("WBC", "14.2 ×10⁹/L (4–10)"),
        ("CRP", "CRP 120 mg/L"),
        ("ESR", "ESR 80 mm/h"),
        ("Chest CT", "Multiple nodules.\nLargest 3 cm in the right upper lobe"),
        ("MRI of the brain", "MRI of the brain showed no lesion. There was no oedema."),
        ("Lung biopsy", "Lung biopsy revealed granulomas."),
    ]


def test_the_kind_of_a_test():
    categories = {item.name: item.category for item in read_items(BULLETS, name="x")}
    assert categories["CRP"] is Category.LAB
    assert categories["Chest CT"] is Category.IMAGING
    assert categories["Lung biopsy"] is Category.PATHOLOGY


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "Laboratory findings: hemoglobin 8.9 g/dL, platelets 90. A CT scan of the abdomen showed splenomegaly.",
            [
                ("hemoglobin", "hemoglobin 8.9 g/dL"),
                ("platelets", "platelets 90."),
                ("CT scan of the abdomen", "A CT scan of the abdomen showed splenomegaly."),
            ],
        ),
        (
            "1. CT head: normal\nno bleed\n\nDermoscopy revealed dots",
            [("CT head", "normal\nno bleed"), ("Dermoscopy", "Dermoscopy revealed dots")],
        ),
        ("CRP: 12\nCRP: 40", [("CRP", "12\n40")]),
        ("Nothing of note.", [("Ancillary tests", "Nothing of note.")]),
        ("  \n - \n", []),
    ],
)
def test_other_ways_of_writing(text, items):
    assert found(text) == items


def test_keys_do_not_repeat_and_may_be_reserved():
    first, second = read_items("CRP: 1\nC.R.P: 2", name="x", taken=["crp"])
    assert (first.key, second.key) == ("crp_2", "c_r_p")


def test_items_can_be_ordered():
    matcher = OrderMatcher(read_items(BULLETS, name="x"))
    assert matcher.match("CT of the chest").key == "chest_ct"
    assert matcher.match("C-reactive protein").key == "crp"
    assert matcher.match("colonoscopy").key is None


@given(st.lists(st.sampled_from([*BULLETS.splitlines(), "", "ECG: sinus rhythm", "a", ";", "**"])).map("\n".join))
def test_no_word_is_lost(text):
    kept = " ".join(
        f"{item.name} {item.result}" for item in read_items(text, name="Imaging Laboratory Tests Pathology")
    )
    words = set(re.findall(r"\w+", kept))
    assert set(re.findall(r"\w+", text)) - {"Imaging", "Laboratory", "Tests", "Pathology"} <= words
