"""What extraction gives."""

from dataclasses import dataclass
from enum import StrEnum

from medaction.domain.case import Polarity


class Method(StrEnum):
    """PHRASE: a name as written. WORDS: its words in another order or form. VALUE: a number against a range.

    LOOSE: most of the words of a long name. LEVEL: a word such as "elevated" about a measured thing. NORMAL: a phrase
    which says that all is well.
    """

    PHRASE = "phrase"
    WORDS = "words"
    LOOSE = "loose"
    VALUE = "value"
    LEVEL = "level"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, order=True)
class Extraction:
    """``start``, ``end``: where in the text. ``past``: told as belonging to earlier years."""

    start: int
    end: int
    concept: str
    polarity: Polarity
    method: Method
    past: bool = False
