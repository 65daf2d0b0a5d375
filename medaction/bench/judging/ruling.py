"""What a judge said, read strictly.

A known fault of published benchmarks is ``'correct' in answer.lower()``, which takes "Incorrect" for a yes. Here the
whole text must be one JSON object with one key and one of two values; anything else decides nothing.
"""

import json
from enum import StrEnum


class Ruling(StrEnum):
    """SAME: both names mean the same disease. UNDECIDED: the judge's text was no ruling; never counted as right."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"


KEY = "verdict"
ALLOWED = (Ruling.SAME, Ruling.DIFFERENT)


def read_ruling(text: str) -> Ruling:
    """Total: never raises on a judge's text."""
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return Ruling.UNDECIDED
    # As a list of pairs, a key that is given twice is seen, and a JSON list is not taken for an object.
    if not isinstance(pairs, list) or len(pairs) != 1 or not isinstance(pairs[0], tuple):
        return Ruling.UNDECIDED
    key, value = pairs[0]
    return Ruling(value) if key == KEY and value in [ruling.value for ruling in ALLOWED] else Ruling.UNDECIDED
