"""Units as they are written, and from one to another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.domain.units import convert, read_unit

# The same amount, written twice: value and unit, value and unit, and what joins them.
SAME = [
    (5.55, "mmol/L", 100.0, "mg/dL", {"molar_mass": 180.16}),
    (88.4, "µmol/L", 1.0, "mg/dL", {"molar_mass": 113.12}),
    (17.1, "μmol/l", 1.0, "mg/dl", {"molar_mass": 584.66}),
    (2.5, "mmol/L", 5.0, "mEq/L", {"valence": 2}),
    (2.5, "mmol/L", 10.02, "mg/dL", {"molar_mass": 40.08, "valence": 2}),
    (140, "mmol/L", 140, "mEq/L", {}),
    (130, "g/L", 13.0, "g/dL", {}),
    (13.0, "pmol/L", 1.01, "ng/dL", {"molar_mass": 776.87}),
    (10.6, "pmol/L", 99.9, "pg/mL", {"molar_mass": 9425}),
    (8.2, "x10^9/L", 8200, "/mm3", {}),
    (8.2, "× 10⁹/L", 8.2, "K/µL", {}),
    (8.2, "10*3/uL", 8200, "cells/mcL", {}),
    (8.2, "x 103/μL", 8.2, "109/L", {}),
    (4.6, "million/µL", 4.6, "x 10^12/L", {}),
    (98.6, "°F", 37.0, "C", {}),
    (10.0, "kPa", 75.0, "mm Hg", {}),
    (1.0, "µkat/L", 60.0, "U/L", {}),
    (2.0, "mU/L", 2.0, "µIU/mL", {}),
    (25.0, "IU/L", 25.0, "mIU/mL", {}),
    (0.45, "L/L", 45.0, "%", {}),
    (150, "mg/24 h", 0.15, "g/day", {}),
    (20, "cm H2O", 200, "mmH2O", {}),
    (5, "/hpf", 5, "per high-power field", {}),
]


@pytest.mark.parametrize(("one", "unit", "other", "written", "joined"), SAME)
def test_the_same_amount_in_two_units(one: float, unit: str, other: float, written: str, joined: dict) -> None:
    here, there = read_unit(unit), read_unit(written)
    assert here is not None
    assert there is not None
    assert convert(one, here, there, **joined) == pytest.approx(other, rel=5e-3)
    assert convert(other, there, here, **joined) == pytest.approx(one, rel=5e-3)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mg/dL in the morning", "mass/volume"),
        ("mmol/L, and", "amount/volume"),
        ("mm/hr", "sedimentation"),
        ("beats per minute", "count/minute"),
        ("mL/min/1.73 m²", "filtration"),
        ("ng/mL/h", "renin activity"),
        ("seconds (control 12)", "time"),
        ("mOsm/kg H2O", "osmolality"),
    ],
)
def test_a_unit_is_read_from_the_beginning_of_a_text(text: str, kind: str) -> None:
    unit = read_unit(text)
    assert unit is not None
    assert unit.kind == kind


@pytest.mark.parametrize("text", ["", "years", "mg daily", "lymphocytes", "/week", "milligrams of", "(3.5-5.0)", "x"])
def test_no_unit(text: str) -> None:
    assert read_unit(text) is None


def test_what_nothing_joins_is_not_converted() -> None:
    mass, amount, rate = read_unit("mg/dL"), read_unit("mmol/L"), read_unit("mg/24 h")
    assert mass
    assert amount
    assert rate
    assert convert(1.0, mass, amount) is None
    assert convert(1.0, mass, rate, molar_mass=100) is None


@given(st.text(max_size=80))
def test_any_text_is_survived(text: str) -> None:
    unit = read_unit(text)
    assert unit is None or unit.factor > 0
