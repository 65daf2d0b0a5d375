"""Lengths of time as days: how disease files write them ("6 weeks")."""

import re

DAYS = {
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 30.4,
    "year": 365.25,
}
_SPAN = re.compile(r"(\d+(?:\.\d+)?) (minute|hour|day|week|month|year)s?")


def read_span(text: str) -> float:
    """Days of "6 weeks". Raises ``ValueError`` for anything else."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no length of time such as '6 weeks'")
    return float(found[1]) * DAYS[found[2]]
