"""What a laboratory test measures: its unit, and the usual limits for a sex and an age."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from medaction.domain.units import Unit, convert, read_unit

OLDEST = 150.0
ADULT = 35.0
"""The age, in years, of a patient whose age is not told."""
SEXES = ("female", "male")
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(d|w|mo|y)")
_IN_YEARS = {"d": 1 / 365.25, "w": 7 / 365.25, "mo": 1 / 12, "y": 1.0}


@dataclass(frozen=True, slots=True)
class Range:
    """The last usual values, in the unit of the quantity; None is no limit on that side.

    ``age`` is from the first to below the second, in years; ``sex`` is ``female``, ``male`` or None for both.
    ``source`` is ``estimate`` or a citation.
    """

    low: float | None = None
    high: float | None = None
    age: tuple[float, float] = (0.0, OLDEST)
    sex: str | None = None
    source: str = "estimate"

    def fits(self, age: float | None, sex: str | None) -> bool:
        """Whether it is meant for this patient. An age that is not told is an adult's; a sex, either."""
        return self.age[0] <= (ADULT if age is None else age) < self.age[1] and (sex is None or self.sex in (None, sex))

    def level(self, value: float) -> str:
        """``high``, ``low`` or ``normal``; the limits themselves are normal."""
        if self.high is not None and value > self.high:
            return "high"
        if self.low is not None and value < self.low:
            return "low"
        return "normal"

    @property
    def ages(self) -> str:
        """The ages in words: ``from 12 years``, ``28 days to below 3 months``; empty for all ages."""
        first, below = self.age
        if below >= OLDEST:
            return f"from {_in_words(first)}" if first else ""
        return f"{_in_words(first)} to below {_in_words(below)}" if first else f"below {_in_words(below)}"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One measured thing. ``unit`` is that of the ranges, ``1`` for a ratio; ``loinc`` are codes that mean it.

    ``molar_mass`` (g/mol) and ``valence`` lead to the other units; ``other_units`` gives factor and offset of those
    that nothing else leads to: value × factor + offset is in ``unit``.
    """

    key: str
    name: str
    unit: str
    ranges: tuple[Range, ...] = ()
    loinc: tuple[str, ...] = ()
    molar_mass: float | None = None
    valence: int = 1
    other_units: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def in_unit(self, value: float, written: str) -> float | None:
        """``value`` in this quantity's unit; ``written`` begins with the unit it was told in. None when unjoined."""
        told = written.replace("µ", "μ").lower().lstrip()
        for name, (factor, offset) in self.other_units.items():
            rest = told.removeprefix(name.replace("µ", "μ").lower())
            if rest != told and not rest[:1].isalnum():
                return value * factor + offset
        unit, own = read_unit(written), self.base
        if unit is None or own is None:
            return None
        return convert(value, unit, own, molar_mass=self.molar_mass, valence=self.valence)

    @property
    def base(self) -> Unit | None:
        return read_unit(self.unit)

    def range_for(self, age: float | None, sex: str | None) -> Range | None:
        """The usual limits for a patient, None where none are known; of an untold sex, the widest of both sexes."""
        return _widest([one for one in self.ranges if one.fits(age, sex)])


def _widest(ranges: Sequence[Range]) -> Range | None:
    if len(ranges) < 2:
        return ranges[0] if ranges else None
    lows, highs = [one.low for one in ranges], [one.high for one in ranges]
    return Range(
        None if None in lows else min(low for low in lows if low is not None),
        None if None in highs else max(high for high in highs if high is not None),
        (max(one.age[0] for one in ranges), min(one.age[1] for one in ranges)),
        source="; ".join(dict.fromkeys(one.source for one in ranges)),
    )


def read_age(written: float | str) -> float:
    """Years of a number, or of ``"28 d"``, ``"6 w"``, ``"3 mo"``, ``"12 y"``. Raises ``ValueError`` for other text."""
    if not isinstance(written, str):
        return float(written)
    found = _AGE.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"an age is a number of years, or as in '28 d', '6 w', '3 mo', '12 y'; it is {written!r}")
    return float(found[1]) * _IN_YEARS[found[2]]


def _in_words(years: float) -> str:
    for unit, each, from_ in (("year", 1.0, 1.0), ("month", _IN_YEARS["mo"], 2 / 12), ("day", _IN_YEARS["d"], 0.0)):
        if years >= from_:
            count = round(years / each, 1)
            return f"{count:g} {unit}" + ("" if count == 1 else "s")
    raise ValueError(f"an age cannot be {years}")


def is_loinc(code: str) -> bool:
    """Whether a code has LOINC's form and its check digit is right (mod 10, Luhn; LOINC Users' Guide, appendix C)."""
    if not re.fullmatch(r"\d{1,5}-\d", code):
        return False
    total = 0
    for place, digit in enumerate(reversed(code[:-2])):
        weighted = int(digit) * (1 if place % 2 else 2)
        total += weighted // 10 + weighted % 10
    return (10 - total % 10) % 10 == int(code[-1])


def range_faults(ranges: Iterable[Range]) -> list[str]:
    """What is wrong with the ranges of one quantity, in words: no limit, a low above its high, ages that overlap."""
    ranges = list(ranges)
    faults = []
    for one in ranges:
        if one.low is None and one.high is None:
            faults.append("a range needs a low or a high limit")
        elif one.low is not None and one.high is not None and one.low >= one.high:
            faults.append(f"low {one.low:g} is not below high {one.high:g}")
        if one.age[0] >= one.age[1]:
            faults.append(f"the ages {one.age[0]:g} to {one.age[1]:g} are not a band")
    for sex in SEXES:
        bands = sorted(one.age for one in ranges if one.sex in (None, sex))
        faults += [
            f"two ranges hold for a {sex} patient of {later[0]:.3g} years"
            for earlier, later in pairwise(bands)
            if later[0] < earlier[1]
        ]
    return list(dict.fromkeys(faults))
