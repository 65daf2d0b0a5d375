"""A person in a few plain words."""

import re

_NOUNS = {
    "female": ("girl", "woman"),
    "male": ("boy", "man"),
    None: ("child", "adult"),
    "other": ("child", "adult"),
}
_AGE = re.compile(r"(\d+(?:\.\d+)?)[- ](year|month|week|day)s?[- ]old", re.IGNORECASE)
_YEARS = {"year": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25}
_SEX = (
    ("female", re.compile(r"\b(?:female|woman|girl|gravida)\b", re.IGNORECASE)),
    ("male", re.compile(r"\b(?:male|man|boy)\b", re.IGNORECASE)),
)


def describe_person(years: float | None, sex: str | None, age: str = "") -> str:
    """``a 34-year-old woman``, ``a 7-month-old boy``; ``age`` are the words when there are no years."""
    child, adult = _NOUNS[sex]
    if years is None:
        who = {"female": "a female patient", "male": "a male patient"}.get(sex or "", "a patient")
        return f"{who} ({age[:1].lower()}{age[1:]})" if age else who
    if years < 1 / 12:
        return f"a newborn {child}" if sex in ("female", "male") else "a newborn"
    count, unit = (int(years), "year") if years >= 2 else (max(round(years * 12), 1), "month")
    article = "an" if count in (8, 11, 18) or 80 <= count < 90 else "a"
    return f"{article} {count}-{unit}-old {adult if years >= 18 else child}"


def read_person(text: str) -> tuple[float | None, str | None]:
    """Age in years and sex of whom a sentence speaks ("35-year-old woman"); None where it does not say."""
    age = None
    if found := _AGE.search(text):
        age = round(float(found.group(1)) * _YEARS[found.group(2).lower()], 3)
        age = age if age <= 130 else None
    elif re.search(r"\b(?:newborn|neonate)\b", text, re.IGNORECASE):
        age = 0.0
    return age, next((name for name, words in _SEX if words.search(text)), None)
