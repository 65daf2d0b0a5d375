"""Figures as clinicians read them."""

from types import SimpleNamespace

import pytest

from diagnosis.web.templatetags import clinical


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0, ".00"), (0.62, ".62"), (0.994, ".99"), (0.999, "1.00"), (1.0, "1.00")]
)
def test_probability(value, shown):
    assert clinical.probability(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.12, "+.12"), (-0.05, "−.05"), (0.001, ""), (1.0, "+1.00")])
def test_signed(value, shown):
    assert clinical.signed(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, "–"), (0, "$0"), (1820, "$1,820"), (9.6, "$10")])
def test_dollars(value, shown):
    assert clinical.dollars(value) == shown


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [(None, "–"), (0, "0 min"), (95, "95 min"), (180, "3 h"), (1440, "1 day"), (4320, "3 days")],
)
def test_duration(minutes, shown):
    assert clinical.duration(minutes) == shown


@pytest.mark.parametrize(
    ("age", "sex", "short", "long"),
    [
        (35.0, "female", "35 F", "35-year-old woman"),
        (9, "male", "9 M", "9-year-old boy"),
        (0.5, "female", "6 mo F", "6-month-old girl"),
        (None, "male", "M", "Man, age not given"),
        (70, "other", "70", "70-year-old patient"),
        (None, "", "", "Patient, age not given"),
    ],
)
def test_person(age, sex, short, long):
    case = SimpleNamespace(age_years=age, sex=sex)
    assert clinical.person_short(case) == short
    assert clinical.person(case) == long


def test_place_in_line():
    assert clinical.place_in_line(0) == "Next in line"
    assert clinical.place_in_line(1) == "1 answer ahead of yours"
    assert clinical.place_in_line(3) == "3 answers ahead of yours"


def test_words_and_the_space_after_them_are_the_text():
    for text in ("A. ", "", " \n", "no end", "two\n\n"):
        assert clinical.words(text) + clinical.space_after(text) == text
