"""What one turn of the model says: reasoning, a ranked differential, and one action."""

from dataclasses import dataclass
from typing import Any

MAX_HYPOTHESES = 5
MAX_TESTS = 3

# A turn with one of these cannot be carried out; the others are noted and survived.
NOT_JSON = "NOT_JSON"
NO_ACTION = "NO_ACTION"
DIAGNOSIS_REQUIRED = "DIAGNOSIS_REQUIRED"
FATAL_PROBLEMS = frozenset({NOT_JSON, NO_ACTION, DIAGNOSIS_REQUIRED})

UNTERMINATED = "UNTERMINATED"
MALFORMED = "MALFORMED"
DUPLICATE_KEY = "DUPLICATE_KEY"
NO_DIFFERENTIAL = "NO_DIFFERENTIAL"
TOO_MANY_TESTS = "TOO_MANY_TESTS"
TOO_MANY_DIAGNOSES = "TOO_MANY_DIAGNOSES"
BAD_PROBABILITY = "BAD_PROBABILITY"


@dataclass(frozen=True, slots=True)
class TestOrder:
    __test__ = False  # pytest would otherwise try to collect it

    tests: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"type": "order", "tests": list(self.tests)}


@dataclass(frozen=True, slots=True)
class FinalDiagnosis:
    dx: str

    def to_dict(self) -> dict[str, Any]:
        return {"type": "diagnose", "dx": self.dx}


Action = TestOrder | FinalDiagnosis


def action_from_dict(data: dict[str, Any] | None) -> Action | None:
    """The action that ``to_dict`` wrote; None stays None. Raises ``KeyError`` or ``ValueError`` on anything else."""
    if data is None:
        return None
    if data["type"] == "order":
        return TestOrder(tuple(data["tests"]))
    if data["type"] == "diagnose":
        return FinalDiagnosis(data["dx"])
    raise ValueError(f"unknown action type {data['type']!r}")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """``p`` is a probability from 0 to 1, or None when not given; the evidence is cited by observation id."""

    dx: str
    p: float | None = None
    supporting: tuple[str, ...] = ()
    contradicting: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"dx": self.dx, "p": self.p, "for": list(self.supporting), "against": list(self.contradicting)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Hypothesis":
        return cls(data["dx"], data["p"], tuple(data["for"]), tuple(data["against"]))


Differential = tuple[Hypothesis, ...]


def normalise_probabilities(differential: Differential) -> Differential:
    """Probabilities that sum to more than 1 are scaled to sum to 1 (four decimals); others stay.

    A sum below 1 is left alone: the remainder is the weight of diagnoses that were not listed.
    """
    total = sum(hypothesis.p or 0.0 for hypothesis in differential)
    if total <= 1 + 1e-9:
        return differential
    return tuple(
        Hypothesis(h.dx, None if h.p is None else round(h.p / total, 4), h.supporting, h.contradicting)
        for h in differential
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn as it was understood. ``problems`` are machine codes, in the order in which they were noticed."""

    reasoning: str = ""
    differential: Differential = ()
    action: Action | None = None
    problems: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        return self.action is not None and FATAL_PROBLEMS.isdisjoint(self.problems)

    def to_dict(self) -> dict[str, Any]:
        return {
            "reasoning": self.reasoning,
            "differential": [hypothesis.to_dict() for hypothesis in self.differential],
            "action": None if self.action is None else self.action.to_dict(),
            "problems": list(self.problems),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Turn":
        """The turn that :meth:`to_dict` wrote. Raises ``KeyError`` or ``ValueError`` on anything else."""
        return cls(
            reasoning=data["reasoning"],
            differential=tuple(Hypothesis.from_dict(hypothesis) for hypothesis in data["differential"]),
            action=action_from_dict(data["action"]),
            problems=tuple(data["problems"]),
        )
