"""What the environment shows, in pieces that can be cited by id."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any


class Outcome(StrEnum):
    RESULT = "RESULT"
    UNAVAILABLE = "UNAVAILABLE"
    DUPLICATE = "DUPLICATE"


class MatchMethod(StrEnum):
    EXACT = "EXACT"
    ALIAS = "ALIAS"
    CATALOGUE = "CATALOGUE"
    TOKENS = "TOKENS"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence-like piece of case text. The segments of a text, joined, are the text."""

    id: str
    text: str

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "text": self.text}


@dataclass(frozen=True, slots=True)
class TestResult:
    """The answer to one order. ``text`` is the case's own words, or empty when the case says nothing.

    ``keys`` are the menu items that it shows; ``key`` is the one item's key, or the panel's when several answer one
    order. ``cost`` is what this order added to the bill in US dollars: None when unknown, 0 for a repeat. ``estimate``
    says that cost, turnaround or risk is an estimate.
    """

    __test__ = False  # pytest would otherwise try to collect it

    id: str
    order: str
    outcome: Outcome
    key: str | None = None
    name: str = ""
    text: str = ""
    method: MatchMethod = MatchMethod.NONE
    cost: float | None = None
    turnaround_minutes: int | None = None
    risk: str | None = None
    keys: tuple[str, ...] = ()
    estimate: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "order": self.order,
            "outcome": self.outcome.value,
            "key": self.key,
            "name": self.name,
            "text": self.text,
            "method": self.method.value,
            "cost": self.cost,
            "turnaround_minutes": self.turnaround_minutes,
            "risk": self.risk,
            "keys": list(self.keys),
            "estimate": self.estimate,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TestResult":
        return cls(
            id=data["id"],
            order=data["order"],
            outcome=Outcome(data["outcome"]),
            key=data["key"],
            name=data["name"],
            text=data["text"],
            method=MatchMethod(data["method"]),
            cost=data["cost"],
            turnaround_minutes=data["turnaround_minutes"],
            risk=data["risk"],
            keys=tuple(data["keys"]),
            estimate=data["estimate"],
        )


@dataclass(frozen=True, slots=True)
class Observation:
    """``o1`` carries the case text as segments; ``r2``, ``r3`` … carry the results of the orders of that turn.

    ``dropped`` holds orders that were not carried out because the turn asked for too many.
    """

    id: str
    segments: tuple[Segment, ...] = ()
    results: tuple[TestResult, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def turn(self) -> int:
        """The turn number inside the id: 1 for ``o1``, 2 for ``r2``."""
        return int(self.id[1:])

    @property
    def citable_ids(self) -> tuple[str, ...]:
        return (*(segment.id for segment in self.segments), *(result.id for result in self.results))

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "segments": [segment.to_dict() for segment in self.segments],
            "results": [result.to_dict() for result in self.results],
            "dropped": list(self.dropped),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Observation":
        """The observation that :meth:`to_dict` wrote. Raises ``KeyError`` or ``ValueError`` on anything else."""
        return cls(
            id=data["id"],
            segments=tuple(Segment(segment["id"], segment["text"]) for segment in data["segments"]),
            results=tuple(TestResult.from_dict(result) for result in data["results"]),
            dropped=tuple(data.get("dropped", ())),
        )


_BOUNDARY = re.compile(r"\n+\s*|(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|vs|approx|ca|cf|e\.g|i\.e|etc|no|No|Fig|temp|resp|wt|ht|max|min|avg|sp))\.$"
)


@lru_cache(maxsize=4096)
def split_segments(text: str, prefix: str = "o1") -> tuple[Segment, ...]:
    """Sentence-like segments with ids ``<prefix>.1`` …; joined they are ``text``, byte for byte."""
    return tuple(Segment(f"{prefix}.{number}", piece) for number, piece in enumerate(_pieces(text), start=1))


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for boundary in _BOUNDARY.finditer(text):
        piece = text[start : boundary.start()]
        if not piece.strip() or ("\n" not in boundary.group() and _ABBREVIATION.search(piece)):
            continue
        yield text[start : boundary.end()]
        start = boundary.end()
    if text[start:]:
        yield text[start:]
