"""Units as laboratories and clinicians write them, conventional and SI, and what turns one into another.

A unit is read by its grammar (``mg/dL``, ``µmol/L``, ``x10^9/L``, ``mIU/mL``, ``mg/24 h``), so that no table of all
spellings is needed. Units of one kind differ by a factor; mass and amount of substance are joined by a molar mass.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

MASS, AMOUNT, CHARGE, ACTIVITY, COUNT = "mass", "amount", "charge", "activity", "count"
_PREFIXES = {"k": 1e3, "": 1.0, "d": 1e-1, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}
_ABOVE = (  # in grams, moles, equivalents and enzyme units (1 katal is 60 million units)
    {f"{p}g": (MASS, f) for p, f in _PREFIXES.items() if p not in "dc" or not p}
    | {"mcg": (MASS, 1e-6)}
    | {f"{p}mol": (AMOUNT, f) for p, f in _PREFIXES.items() if p not in "kdc" or not p}
    | {f"{p}{eq}": (CHARGE, _PREFIXES[p]) for p in ("", "m", "u") for eq in ("eq", "equiv")}
    | {f"{p}{u}": (ACTIVITY, _PREFIXES[p]) for p in ("", "k", "m", "u") for u in ("u", "iu", "unit", "units")}
    | {"mcu": (ACTIVITY, 1e-6), "mciu": (ACTIVITY, 1e-6), "ukat": (ACTIVITY, 60.0), "nkat": (ACTIVITY, 0.06)}
    | dict.fromkeys(("", "cell", "cells", "copies", "rbc", "rbcs", "wbc", "wbcs", "leukocytes"), (COUNT, 1.0))
    | {"ml": ("volume", 1e-3), "l": ("volume", 1.0)}
)
_BELOW = (  # in litres, grams, moles, days, minutes, microscope fields
    {f"{p}l": ("volume", f) for p, f in _PREFIXES.items() if p != "k"}
    | dict.fromkeys(("mcl", "mm3", "mm^3", "cu mm", "cmm", "cubic millimeter", "microliter"), ("volume", 1e-6))
    | {"g": (MASS, 1.0), "kg": (MASS, 1e3), "mg": (MASS, 1e-3), "mmol": (AMOUNT, 1e-3), "mol": (AMOUNT, 1.0)}
    | dict.fromkeys(("24 h", "24 hr", "24 hrs", "24 hour", "24 hours", "24-hour", "day", "d"), ("day", 1.0))
    | dict.fromkeys(("min", "minute"), ("minute", 1.0))
    | dict.fromkeys(("hpf", "high power field", "high-power field"), ("field", 1.0))
)
_ALONE = {
    "1": ("ratio", 1.0),
    **dict.fromkeys(("%", "percent"), ("fraction", 0.01)),
    **dict.fromkeys(("mm hg", "torr"), ("pressure", 1.0)),
    "kpa": ("pressure", 7.50062),
    **dict.fromkeys(("cm h2o", "cm h20", "cm of h2o", "cm of water"), ("pressure", 0.735559)),
    **dict.fromkeys(("mm h2o", "mm h20", "mm of h2o", "mm of water"), ("pressure", 0.0735559)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("time", 1.0)),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), ("time", 60.0)),
    **dict.fromkeys(("bpm", "beats/min", "breaths/min", "beats/minute", "breaths/minute"), ("count/minute", 1.0)),
    **dict.fromkeys(("mm/h", "mm/hr", "mm/hour", "mm/1 h", "mm/1st hour"), ("sedimentation", 1.0)),
    **dict.fromkeys(("mosm/kg", "mosmol/kg", "mosm/l", "mosmol/l", "mosm", "mosmol", "mmol/kg"), ("osmolality", 1.0)),
    **dict.fromkeys(("ng/ml/h", "ng/ml/hr", "ng/ml/hour"), ("renin activity", 1.0)),
    **dict.fromkeys(("ml/min/1.73m2", "ml/min/1.73 m2", "ml/min"), ("filtration", 1.0)),
    **dict.fromkeys(("kg/m2", "kg/m^2"), ("body mass index", 1.0)),
    **dict.fromkeys(("fl", "um3", "um^3"), ("cell volume", 1.0)),
    "pg": (MASS, 1e-12),
    **dict.fromkeys(("c", "celsius", "degrees c", "deg c", "degrees celsius"), ("temperature", 1.0)),
    **dict.fromkeys(("f", "fahrenheit", "degrees f", "deg f", "degrees fahrenheit"), ("temperature", 5 / 9)),
    "+": ("plus", 1.0),
    "mm": ("length", 1.0),
    "cm": ("length", 10.0),
}
_FAHRENHEIT_ZERO = -32 * 5 / 9


def _any_of(words: Iterable[str]) -> str:
    spaced = (re.escape(word).replace(r"\ ", r"\s*").replace("/", r"\s*/\s*") for word in words)
    return "|".join(sorted(spaced, key=len, reverse=True))


def _known_as(words: Mapping[str, tuple[str, float]]) -> dict[str, tuple[str, float]]:
    return {word.replace(" ", ""): meaning for word, meaning in words.items()}


_END = r"(?![a-z0-9]|\s*/)"
_POWER = r"[x×*·]?\s*10\s*(?:\^|\*\*?|e)?\s*\(?(?P<power>12|[369])\)?"
_TIMES = rf"(?:{_POWER}|(?P<many>k|thousands?|millions?|m(?=\s*/\s*(?:u|mc|mm))))?\s*"
_FRACTION = re.compile(rf"{_TIMES}(?P<above>{_any_of(_ABOVE)})\s*/\s*(?P<below>{_any_of(_BELOW)}){_END}")
_SINGLE = re.compile(rf"(?:{_any_of(_ALONE)}){_END}")
_MULTIPLE = re.compile(rf"(?:{_POWER}|(?:k|thousand|million)){_END}")
_SINGLES, _MANY = _known_as(_ALONE), {"k": 1e3, "t": 1e3, "m": 1e6}
_ABOVES, _BELOWS = _known_as(_ABOVE), _known_as(_BELOW)
_SPACE, _PER = re.compile(r"\s+"), re.compile(r"\bper\b|\bin(?: the)? (?=(?:1st|first) hour)")
_LOOKALIKES = str.maketrans("µμ²³⁶⁹¹×−", "uu23691x-", "°")


@dataclass(frozen=True, slots=True)
class Unit:
    """``kind`` is a dimension such as ``mass/volume``; a value times ``factor`` plus ``offset`` is in its base unit."""

    kind: str
    factor: float
    offset: float = 0.0


@lru_cache(maxsize=20_000)
def read_unit(text: str) -> Unit | None:
    """The unit that a text begins with, or None. Case, spaces and the sign for micro do not matter."""
    folded = _PER.sub("/", text[:60].translate(_LOOKALIKES).lower()).lstrip()
    if found := _SINGLE.match(folded):
        kind, factor = _SINGLES[_SPACE.sub("", found[0])]
        return Unit(kind, factor, _FAHRENHEIT_ZERO if kind == "temperature" and factor != 1 else 0.0)
    if found := _FRACTION.match(folded):
        above, many = _ABOVES[found["above"]]
        below, of = _BELOWS[_SPACE.sub("", found["below"])]
        many *= 10.0 ** int(found["power"]) if found["power"] else _MANY[found["many"][0]] if found["many"] else 1.0
        return Unit("fraction" if above == below == "volume" else f"{above}/{below}", many / of)
    if found := _MULTIPLE.match(folded):  # "12.3 K", "4.1 x 10^6": per microlitre, or per litre from 10^9 on
        factor = 10.0 ** int(found["power"]) if found["power"] else _MANY[found[0][0]]
        return Unit("count/volume", factor if factor >= 1e9 else factor * 1e6)
    return None


def convert(value: float, unit: Unit, to: Unit, *, molar_mass: float | None = None, valence: int = 1) -> float | None:
    """``value`` of ``unit`` in ``to``; None when nothing joins the two.

    ``molar_mass`` in g/mol joins mass and amount of substance, ``valence`` (charges a molecule) amount and charge.
    """
    factor = _joined(unit.kind.partition("/")[0], to.kind.partition("/")[0], molar_mass, valence)
    if unit.kind.partition("/")[1:] != to.kind.partition("/")[1:] or factor is None:
        return None
    return ((value * unit.factor + unit.offset) * factor - to.offset) / to.factor


def _joined(one: str, other: str, molar_mass: float | None, valence: int) -> float | None:
    """What one base unit of ``one`` is in base units of ``other``."""
    if one == other:
        return 1.0
    in_moles = {MASS: 1 / molar_mass if molar_mass else None, AMOUNT: 1.0, CHARGE: 1 / valence}
    here, there = in_moles.get(one), in_moles.get(other)
    return here / there if here and there else None
