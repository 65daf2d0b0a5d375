"""How long the present complaint has lasted, as a story tells it; and facts that stand in numbers of weeks."""

import re
from collections.abc import Iterator

from ..spans import DAYS

_WORDS = {
    "a": 1.0,
    "an": 1.0,
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "seven": 7.0,
    "eight": 8.0,
    "nine": 9.0,
    "ten": 10.0,
    "eleven": 11.0,
    "twelve": 12.0,
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "forty": 40.0,
    "few": 3.0,
    "several": 4.0,
    "couple of": 2.0,
    "many": 6.0,
}
_COUNT = rf"(\d+(?:\.\d+)?|{'|'.join(_WORDS)})(?:\s*(?:-|–|to|or)\s*\d+)?"
_UNIT = r"(minute|min|hour|hr|day|week|wk|month|year|yr)s?"
_LASTED = re.compile(
    rf"\b(?:for|over|during|in|x|since)\s+(?:about\s+|around\s+|approximately\s+|nearly\s+|almost\s+|at least\s+"
    rf"|more than\s+|over\s+|the\s+|the\s+(?:past|last)\s+|past\s+|last\s+)*(?:a\s+)?{_COUNT}[\s-]+{_UNIT}\b",
    re.IGNORECASE,
)
_HISTORY = re.compile(rf"\b{_COUNT}[\s-]+{_UNIT}[\s-]+history\b", re.IGNORECASE)
_ONE = re.compile(r"\b(?:for|over|during|in) the (?:past|last)( )(hour|day|week|month|year)\b", re.IGNORECASE)
_AGO = re.compile(
    rf"\b{_COUNT}\s+{_UNIT}\s+(?:ago|earlier|prior to (?:presentation|admission|arrival))\b", re.IGNORECASE
)
_BEGAN = re.compile(
    r"\b(?:start|began|begin|begun|onset|develop|notic|first|appear|occurr|happen|since|woke|awoke|present)\w*",
    re.IGNORECASE,
)
_POINTS = (
    (re.compile(r"\b(?:since|started|began) (?:this morning|today|earlier today|tonight)\b", re.IGNORECASE), 0.4),
    (re.compile(r"\b(?:since|started|began) (?:yesterday|last night)\b", re.IGNORECASE), 1.0),
    (re.compile(r"\b(?:since|started|began) last week\b", re.IGNORECASE), 7.0),
)
# What a length of time belongs to when it is not the complaint's.
_OTHER = re.compile(
    r"\b(?:diagnos|smok|pack|cigarette|quit|alcohol|drink|surger|operat|ectomy|treated|medication|taking|took|work"
    r"|married|vaccin|immuni|gestation|pregnan|postpartum|deliver|born|birth|menstrua|menopaus|conceiv|travel|trip"
    r"|return|visit|mov(?:ed|ing)|immigra|emigra|stopped|prescri|last seen|lives|lived|breast-?f|fed|feeds|school"
    r"|relationship|sexual|partner|brother|sister|father|mother|check-?up|appointment|insulin|lasting|lasts|lasted"
    r"|every|mg|times)",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"^\s*(?:past|family|social|surgical|medical|current med|medication|drug|allerg|review|obstetric|immuni)[^:\n]*:",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;!?\n]|,\s|\band\b|\bbut\b")
_WEEK = r"(\d{2})(?:\s*(?:\+|and)\s*\d(?:/7)?(?: days?)?)?(?:st|nd|rd|th)?[\s-]*(?:weeks?|wks?|gestational week)"
_BORN = re.compile(rf"\b(?:born|birth|deliver\w*|newborn|neonate|infant)\b[^.\n]{{0,60}}?\b{_WEEK}", re.IGNORECASE)
_TERM = 37


def read_durations(text: str) -> tuple[float, ...]:
    """Days that something of the present complaint has lasted, in the order of the text; empty when none is told.

    Lengths that belong to a known illness, a treatment, a habit or a pregnancy are left out.
    """
    found: dict[float, None] = {}
    for line in text.split("\n"):
        if not _ASIDE.match(line):
            for days in _of_line(line):
                found[days] = None
    return tuple(found)


def _of_line(line: str) -> Iterator[float]:
    for pattern in (_LASTED, _ONE, _HISTORY, _AGO):
        for match in pattern.finditer(line):
            clause = _around(line, match.start(), match.end())
            if _OTHER.search(clause) or (pattern is _AGO and not _BEGAN.search(clause)):
                continue
            yield _days(match[1], match[2])
    for point, days in _POINTS:
        if point.search(line):
            yield days


def _around(line: str, start: int, end: int) -> str:
    """The clause that holds this place."""
    ends = [found.end() for found in _CLAUSE.finditer(line, 0, start)]
    after = _CLAUSE.search(line, end)
    return line[ends[-1] if ends else 0 : after.start() if after else len(line)]


def _days(count: str, unit: str) -> float:
    number = _WORDS.get(count.lower()) or float(count.strip() or 1)
    short = {"min": "minute", "hr": "hour", "wk": "week", "yr": "year"}
    return round(number * DAYS[short.get(unit.lower(), unit.lower())], 4)


def read_birth(text: str) -> bool | None:
    """Whether the patient was born before term (37 weeks); None when no week of birth is told."""
    found = _BORN.search(text)
    if found is None or not 22 <= int(found[1]) <= 44:
        return None
    return int(found[1]) < _TERM
