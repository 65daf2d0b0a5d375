"""Age and sex as a text tells them."""

import re
from dataclasses import dataclass

_AGE = re.compile(
    r"\b(\d{1,3}(?:\.\d+)?)[-\s]*(year|yr|y/?o|month|week|day|hour)s?(?:[-\s]*(?:old|of age))?\b(?!\s+(?:ago|history))",
    re.IGNORECASE,
)
_YEARS = {"year": 1.0, "yr": 1.0, "yo": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25, "hour": 1 / 8766}
_AGED = re.compile(r"\b(?:aged?|of)\s+(\d{1,3})\b(?!\s*(?:day|week|month|%|mg|ml))", re.IGNORECASE)
_NEWBORN = re.compile(r"\b(?:newborn|neonate)\b", re.IGNORECASE)
_SEXES = (
    ("female", re.compile(r"\b(?:female|woman|girl|gravida|lady|she|her)\b", re.IGNORECASE)),
    ("male", re.compile(r"\b(?:male|man|boy|gentleman|he|his)\b", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Patient:
    """``age`` in years; None when not told. ``sex``: ``female``, ``male`` or None."""

    age: float | None = None
    sex: str | None = None


def read_patient(text: str) -> Patient:
    """From the opening of a case. The first age that is an age counts; the first word that tells a sex counts."""
    first = {sex: found.start() for sex, words in _SEXES if (found := words.search(text))}
    sex = min(first, key=lambda name: first[name]) if first else None
    return Patient(_age(text), sex)


def _age(text: str) -> float | None:
    for found in _AGE.finditer(text):
        told = found[0].lower()
        if "old" in told or "age" in told or found[2].lower() in ("y/o", "yo") or found.start() < 3:
            return round(float(found[1]) * _YEARS[found[2].lower().replace("/", "")], 4)
    if _NEWBORN.search(text):
        return 0.0
    found_age = _AGED.search(text)
    return float(found_age[1]) if found_age else None
