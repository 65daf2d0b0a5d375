"""The measuring part of an entry: its LOINC codes, units and ranges."""

from collections.abc import Mapping
from math import isfinite

from medaction.domain.fields import Fields, kind_of
from medaction.domain.quantities import OLDEST, SEXES, Quantity, Range, is_loinc, range_faults, read_age
from medaction.domain.units import read_unit


def read_loinc(fields: Fields) -> tuple[str, ...]:
    """The codes of ``loinc``; one whose check digit is wrong is an error."""
    codes = fields.texts("loinc")
    for index, code in enumerate(codes):
        if not is_loinc(code):
            fields.fail(f"loinc[{index}]", f"is not a LOINC code with a right check digit: {code[:20]!r}")
    return codes


def read_quantities(fields: Fields, loinc: tuple[str, ...]) -> tuple[Quantity, ...]:
    """The entry's own quantity where it has a unit, then its further ones."""
    own = _read_quantity(fields, fields.text("key"), fields.text("name"), loinc)
    further = fields.objects("quantities", _read_further, required=False)
    return (own, *further) if own.unit else further


def _read_further(fields: Fields) -> Quantity:
    quantity = _read_quantity(fields, fields.text("key"), fields.text("name"), read_loinc(fields))
    if not quantity.unit:
        fields.fail("unit", "is missing")
    return quantity


def _read_quantity(fields: Fields, key: str, name: str, loinc: tuple[str, ...]) -> Quantity:
    unit = fields.text("unit", default="")
    ranges = fields.objects("ranges", _read_range, required=False)
    if unit and read_unit(unit) is None:
        fields.fail("unit", f"is not a unit: {unit[:20]!r}")
    if ranges and not unit:
        fields.fail("ranges", "need a unit")
    for fault in range_faults(ranges):
        fields.fail("ranges", f"are wrong: {fault}")
    valence = fields.number("valence", low=1, high=6)
    return Quantity(
        key, name, unit, ranges, loinc, fields.number("molar_mass", low=1), int(valence or 1), _other_units(fields)
    )


def _other_units(fields: Fields) -> dict[str, tuple[float, float]]:
    """Name of a unit → factor, or [factor, offset]."""
    raw = fields.raw("other_units")
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        fields.fail("other_units", f"must be an object, not {kind_of(raw)}")
        return {}
    read = {}
    for name, value in raw.items():
        numbers = value if isinstance(value, list) else [value, 0]
        if len(numbers) == 2 and all(_is_number(number) for number in numbers) and numbers[0]:
            read[str(name)] = (float(numbers[0]), float(numbers[1]))
        else:
            fields.fail(f"other_units.{name}", "must be a factor, or [factor, offset]")
    return read


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _read_range(fields: Fields) -> Range:
    return Range(
        fields.number("low", low=-1000),
        fields.number("high", low=-1000),
        _read_band(fields),
        fields.choice("sex", SEXES),
        fields.text("source", default="estimate"),
    )


def _read_band(fields: Fields) -> tuple[float, float]:
    """``age: [from, below]``; absent is every age."""
    ages = fields.items("age", required=False)
    if not ages:
        return (0.0, OLDEST)
    try:
        first, below = map(read_age, ages)
    except (TypeError, ValueError) as error:
        fields.fail("age", f"must be [from, below]: {error}")
        return (0.0, OLDEST)
    return (first, below)
