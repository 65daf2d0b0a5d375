"""Reference ranges: the one printed beside a value, else the authored one for the patient's age and sex."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .patient import Patient

Units = dict[str, float | str]
_ADULT = 35.0

_NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
_BETWEEN = re.compile(rf"[(\[][^()\[\]]{{0,40}}?(?<![\d.]){_NUMBER}\s*(?:-|–|—|to)\s*{_NUMBER}[^()\[\]]{{0,24}}[)\]]")
_LIMIT = re.compile(rf"[(\[][^()\[\]\d]{{0,40}}?(<|>|≤|≥|less than|greater than|up to|below|above)\s*{_NUMBER}")
_FROM = re.compile(rf"\b(?:normal|reference|ref)\b[^\d.;]{{0,20}}{_NUMBER}\s*(?:-|–|—|to)\s*{_NUMBER}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Range:
    """``low``, ``high``: the last usual values, None without a limit; for these ages (years) and this sex."""

    low: float | None = None
    high: float | None = None
    age: tuple[float, float] = (0.0, 200.0)
    sex: str | None = None

    def fits(self, patient: Patient) -> bool:
        age = _ADULT if patient.age is None else patient.age
        return self.age[0] <= age < self.age[1] and self.sex in (None, patient.sex)

    def level(self, value: float) -> str:
        if self.high is not None and value > self.high:
            return "high"
        if self.low is not None and value < self.low:
            return "low"
        return "normal"


def read_ranges(rows: Sequence[Mapping[str, Any]]) -> tuple[Range, ...]:
    return tuple(
        Range(row.get("low"), row.get("high"), tuple(row.get("age", (0.0, 200.0))), row.get("sex")) for row in rows
    )


def read_units(rows: Mapping[Any, Any]) -> Units:
    return {str(unit).lower(): factor for unit, factor in rows.items()}


def printed_range(text: str) -> Range | None:
    """The range that stands in brackets after a value, or after "normal"; None when there is none."""
    if found := _BETWEEN.search(text) or _FROM.search(text):
        return Range(_read(found[1]), _read(found[2]))
    if found := _LIMIT.search(text):
        value = _read(found[2])
        return Range(low=value) if found[1] in (">", "≥", "greater than", "above") else Range(high=value)
    return None


def _read(written: str) -> float:
    return float(written.replace(",", ""))


def usual_range(ranges: Sequence[Range], patient: Patient) -> Range | None:
    return next((one for one in ranges if one.fits(patient)), None)


def in_first_unit(value: float, written: str, units: Units) -> float | None:
    """The value in the measure's first unit; None for a unit that the table does not know.

    ``written`` is what follows the number. "count" is a number of cells without a unit: thousands, or single cells.
    """
    text = written.replace(" ", "").lower().replace("µ", "μ").lstrip("°x×*")
    for unit in sorted((unit for unit in units if unit), key=len, reverse=True):
        if text.removeprefix("/").startswith(unit.replace("µ", "μ").removeprefix("/")):
            factor = units[unit]
            return (value - 32) / 1.8 if factor == "fahrenheit" else value * float(factor)
    if "" in units and not re.match(r"[a-zμ%/]", text):
        return (value / 1000 if value > 200 else value) if units[""] == "count" else value * float(units[""])
    return None
