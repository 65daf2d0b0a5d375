"""Ages as GA4GH writes them: ISO 8601 durations, weeks of gestation, or an HPO onset term."""

import re
from collections.abc import Mapping
from typing import Any

from medaction.domain.fields import Fields

_DURATION = re.compile(
    r"P(?=\d|T\d)(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T.*)?"
)
_YEARS = (1.0, 1 / 12, 7 / 365.25, 1 / 365.25)
_UNITS = ("year", "month", "week", "day")


def read_years(duration: str) -> float | None:
    """Years of ``P2Y6M``; None when it is no duration or longer than a life."""
    found = _DURATION.fullmatch(duration.strip())
    if not found:
        return None
    years = sum(float(part) * unit for part, unit in zip(found.groups(), _YEARS, strict=True) if part)
    return round(years, 3) if years <= 130 else None


def say_duration(duration: str) -> str:
    """``P2Y6M`` → ``2 years 6 months``; empty when it is no duration."""
    found = _DURATION.fullmatch(duration.strip())
    if not found:
        return ""
    parts = [
        f"{part} {unit}{'' if part == '1' else 's'}"
        for part, unit in zip(found.groups(), _UNITS, strict=True)
        if part and float(part)
    ]
    return " ".join(parts) or "birth"


def read_time(value: Any, fields: Fields, name: str) -> tuple[float | None, str]:
    """Years after birth (None when not given as an age) and the words of a GA4GH ``TimeElement``."""
    if value is None:
        return None, ""
    element = Fields(value, fields.path(name), fields.errors)
    if (age := element.raw("age")) is not None:
        written = Fields(age, element.path("age"), fields.errors).text("iso8601duration")
        years = read_years(written)
        if written and years is None:
            element.fail("age.iso8601duration", "is not an ISO 8601 duration such as P2Y6M")
        return years, say_duration(written)
    if (weeks := element.raw("gestationalAge")) is not None:
        count = Fields(weeks, element.path("gestationalAge"), fields.errors).number("weeks", high=60)
        return None, "" if count is None else f"{count:g} weeks of gestation"
    if isinstance(term := element.raw("ontologyClass"), Mapping):
        return None, str(term.get("label") or "")
    if isinstance(ages := element.raw("ageRange"), Mapping):
        ends = [_duration_of(ages.get(end)) for end in ("start", "end")]
        return read_years(ends[0]), " to ".join(filter(None, map(say_duration, ends)))
    return None, ""


def _duration_of(age: Any) -> str:
    return str(age.get("iso8601duration") or "") if isinstance(age, Mapping) else ""
