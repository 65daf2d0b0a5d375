"""What tests measure: ranges for a sex and an age, LOINC codes, other units."""

import pytest

from medaction.domain.catalogue import CatalogueError, load_catalogue, load_quantities, read_catalogue
from medaction.domain.quantities import Range, is_loinc, range_faults, read_age
from medaction.domain.reference import reference_range
from medaction.domain.units import read_unit

CATALOGUE, QUANTITIES = load_catalogue(), load_quantities()
DAY = 1 / 365.25


def test_enough_tests_have_codes_and_ranges() -> None:
    with_codes = [e for e in CATALOGUE.values() if e.loinc or any(q.loinc for q in e.quantities)]
    adult = [e for e in CATALOGUE.values() if any(q.range_for(40, "female") for q in e.quantities)]
    assert len(with_codes) >= 200
    assert len(adult) >= 140


@pytest.mark.parametrize("key", QUANTITIES)
def test_every_quantity_keeps_the_rules(key: str) -> None:
    quantity = QUANTITIES[key]
    assert read_unit(quantity.unit) is not None
    assert range_faults(quantity.ranges) == []
    assert all(is_loinc(code) for code in quantity.loinc)
    assert all(one.source for one in quantity.ranges)


def test_no_code_means_two_quantities() -> None:
    owners: dict[str, str] = {}
    for entry in CATALOGUE.values():
        for key, codes in [(entry.key, entry.loinc), *((q.key, q.loinc) for q in entry.quantities)]:
            for code in codes:
                assert owners.setdefault(code, key) == key, code


@pytest.mark.parametrize(
    ("key", "age", "sex", "low", "high"),
    [
        ("hemoglobin", 40, "female", 12.0, 16.0),
        ("hemoglobin", 40, "male", 13.0, 17.5),
        ("hemoglobin", 3 * DAY, None, 14.0, 22.5),
        ("hemoglobin", None, None, 12.0, 17.5),  # of an untold sex, the widest of both
        ("ferritin", 30, "female", 15, 200),
        ("creatinine", 5, "male", 0.25, 0.7),
        ("creatinine", 40, "male", 0.65, 1.3),
        ("alkaline_phosphatase", 14, "male", 115, 470),
        ("alkaline_phosphatase", 40, "male", 35, 125),
        ("bilirubin", 3 * DAY, None, None, 12),
        ("bilirubin", 40, None, 0.1, 1.2),
        ("tsh", 2 * DAY, None, 1, 39),
        ("tsh", 40, None, 0.4, 4.5),
        ("psa", 65, "male", None, 4.5),
        ("direct_bilirubin", 40, None, None, 0.3),
        ("potassium", 28 * DAY, None, 3.5, 5.6),  # bands are half-open: the 28th day belongs to the next
    ],
)
def test_reference_range(key: str, age: float | None, sex: str | None, low: float | None, high: float | None) -> None:
    found = reference_range(key, age, sex)
    assert found is not None
    assert (found.low, found.high) == (low, high)


def test_where_no_range_is_known_there_is_none() -> None:
    assert reference_range("xray_chest") is None
    assert reference_range("no_such_test") is None
    assert reference_range("psa", 65, "female") is None
    assert reference_range("igf1", 40, "male") is None


def test_limits_are_normal_and_open_sides_have_none() -> None:
    assert [Range(1, 2).level(value) for value in (0.9, 1, 2, 2.1)] == ["low", "normal", "normal", "high"]
    assert [Range(high=2).level(value) for value in (-5, 2.1)] == ["normal", "high"]


@pytest.mark.parametrize(
    ("key", "value", "written", "expected"),
    [
        ("glucose", 5.5, "mmol/L", 99.1),
        ("creatinine", 100, "µmol/L", 1.13),
        ("urea", 10, "mmol/L", 28.0),
        ("calcium", 2.4, "mmol/L (normal)", 9.62),
        ("calcium", 4.8, "mEq/L", 9.62),
        ("hba1c", 48, "mmol/mol", 6.54),
        ("prolactin", 500, "mIU/L", 23.6),
        ("insulin_level", 60, "pmol/L", 10.0),
        ("urine_albumin_creatinine", 3.4, "mg/mmol", 30.1),
        ("esr", 20, "mm", 20),
        ("nt_probnp", 35.4, "pmol/L", 299),
        ("total_cholesterol", 5.2, "mmol/L", 201),
        ("testosterone", 12, "nmol/L", 346),
        ("vitamin_d", 50, "nmol/L", 20.0),
    ],
)
def test_conventional_and_si_units(key: str, value: float, written: str, expected: float) -> None:
    assert QUANTITIES[key].in_unit(value, written) == pytest.approx(expected, rel=0.01)


def test_a_unit_of_another_kind_is_not_read() -> None:
    assert QUANTITIES["sodium"].in_unit(140, "mm Hg") is None
    assert QUANTITIES["sodium"].in_unit(140, "") is None
    assert QUANTITIES["esr"].in_unit(20, "mmol/L") is None


@pytest.mark.parametrize("code", ["2951-3", "2951", "123456-7", "A951-2", ""])
def test_wrong_loinc_codes(code: str) -> None:
    assert not is_loinc(code)


def test_ages_are_read_and_told() -> None:
    assert [round(read_age(age), 4) for age in (2, "28 d", "6 w", "3 mo", "12 y")] == [2, 0.0767, 0.115, 0.25, 12]
    told = [Range(age=(read_age(a), read_age(b))).ages for a, b in ((0, 150), (0, "28 d"), ("28 d", "3 mo"), (12, 150))]
    assert told == ["", "below 28 days", "28 days to below 3 months", "from 12 years"]
    with pytest.raises(ValueError, match="28 d"):
        read_age("four weeks")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("loinc: [2951-3]", "loinc[0] is not a LOINC code"),
        ("unit: parsec", "unit is not a unit"),
        ("ranges: [{low: 1, high: 2}]", "ranges need a unit"),
        ("unit: g/L, ranges: [{low: 2, high: 1}]", "low 2 is not below high 1"),
        ("unit: g/L, ranges: [{age: [0, 5], high: 1}]", "a range needs a low or a high limit"),
        ("unit: g/L, ranges: [{low: 1}, {low: 2, sex: male}]", "two ranges hold for a male patient"),
        ("unit: g/L, ranges: [{low: 1, age: [0, 5]}, {low: 2, age: [4, 9]}]", "two ranges hold for a female patient"),
        ("unit: g/L, ranges: [{low: 1, age: [5, 5]}]", "are not a band"),
        ("unit: g/L, ranges: [{low: 1, age: [soon, 5]}]", "ranges[0].age must be [from, below]"),
        ("unit: g/L, other_units: {x: none}", "other_units.x must be a factor"),
        ("quantities: [{key: a, name: A}]", "quantities[0].unit is missing"),
    ],
)
def test_a_broken_quantity_says_where(fields: str, message: str) -> None:
    entry = f"- {{key: cbc, name: Complete blood count, aliases: [CBC], category: lab, {fields}}}"
    if "needs a low" in message:
        entry = entry.replace("high: 1", "source: estimate")
    with pytest.raises(CatalogueError) as caught:
        read_catalogue([("bad.yaml", entry)])
    assert message in str(caught.value)


def test_a_quantity_may_not_bear_the_key_of_a_test() -> None:
    two = "- {key: a, name: Aa}\n- {key: b, name: Bb, quantities: [{key: a, name: Aa, unit: g/L}]}"
    with pytest.raises(CatalogueError, match="its quantity a bears the key of another"):
        read_catalogue([("bad.yaml", two)])
