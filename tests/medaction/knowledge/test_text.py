"""Folding: names that differ only in writing become one, others stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.knowledge import wording
from medaction.knowledge.text import fold, key_hash, word_bag


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Haemorrhage", "hemorrhage"),
        ("Oedema of both legs", "edema of both leg"),
        ("Crohn's disease", "Crohn disease"),
        ("Crohn’s disease", "Crohn disease"),
        ("Waldenström macroglobulinemia", "Waldenstrom macroglobulinaemia"),
        ("Type II diabetes", "type 2 diabetes"),
        ("Generalised tumours", "generalized tumor"),
        ("Metastases", "metastasis"),
        ("Diarrhoea", "diarrhea"),
        ("β-thalassaemia", "beta thalassemia"),
        ("antibody titres", "antibody titer"),
        ("Ovarian cysts", "ovarian cyst"),
        ("abscesses", "abscess"),
        ("Non-reactive", "non reactive"),
        ("sulphonamide allergy", "sulfonamide allergies"),
        ("paralysed", "paralyzed"),
        ("Tay–Sachs disease", "tay sachs disease"),
    ],
)
def test_one_name_in_two_writings(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hypokalemia", "Hyperkalemia"),
        ("Type 1 diabetes", "Type 2 diabetes"),
        ("Hepatitis A", "Hepatitis B"),
        ("", "a"),
    ],
)
def test_different_names_stay_apart(one, other):
    assert fold(one) != fold(other)


def test_bag_ignores_order_and_exchanges_synonyms():
    assert word_bag(fold("carcinoma of the pancreas")) == word_bag(fold("Pancreatic cancer"))
    assert word_bag(fold("Raised serum creatinine")) == word_bag(fold("Elevated creatinine level"))
    assert word_bag(fold("high sodium")) != word_bag(fold("low sodium"))


def test_listed_words_are_written_as_names_are_folded():
    listed = {
        *wording.SIDES,
        *wording.SEVERITIES,
        *wording.DOUBTS,
        *wording.COURSES,
        *wording.GENERIC,
        *wording.HEAD_ENDS,
    }
    listed |= {*wording.SAME_WORDS, *wording.SAME_WORDS.values(), *wording.SHORT_WORDS, *wording.SHORT_WORDS.values()}
    assert {word for word in listed | wording.FILLER_WORDS | wording.EMPTY_WORDS if fold(word) != word} == set()


@given(st.text(max_size=60))
def test_fold_takes_any_text_and_gives_plain_words(text):
    folded = fold(text)
    assert folded == folded.strip()
    assert all(char.isascii() and (char.isalnum() or char == " ") for char in folded)
    assert 0 <= key_hash(folded) < 2**64
