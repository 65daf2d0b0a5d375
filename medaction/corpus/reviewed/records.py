"""A judged tree as it is stored: a line of ``reviews.jsonl``. ``to_dict`` and ``from_dict`` are each other's inverse.

Turns are known by their number (2 is the model's first), raters by a pseudonym. What a reviewer wrote in words is not
in it, and dates are months.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from medaction.domain.tree import Node

from .policy import Pass


@dataclass(frozen=True, slots=True)
class Step:
    """What one person said of one turn. ``label`` 1, 0 or −1; None: unmarked. ``inherited``: wrong because an earlier
    turn was. ``hindsight``: given when a later turn had been shown."""

    label: int | None = None
    inherited: bool = False
    errors: tuple[str, ...] = ()
    harm: int | None = None
    confidence: int | None = None
    hindsight: bool = False

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Step":
        return cls(**{**data, "errors": tuple(data.get("errors", ()))})


@dataclass(frozen=True, slots=True)
class Judgement:
    """One person's labels of the branch that ends at ``leaf``. ``seconds`` of their time, ``month`` as 2026-11."""

    rater: str
    leaf: int
    stage: Pass
    month: str
    seconds: int
    steps: Mapping[int, Step]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Judgement":
        steps = {int(number): Step.from_dict(step) for number, step in data["steps"].items()}
        return cls(**{**data, "stage": Pass(data["stage"]), "steps": steps})

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "steps": {str(number): asdict(step) for number, step in sorted(self.steps.items())}}


class Choice(StrEnum):
    ONE = "ONE"
    OTHER = "OTHER"
    TIE = "TIE"
    BOTH_BAD = "BOTH_BAD"


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person said of a comparison."""

    rater: str
    stage: Pass
    month: str
    seconds: int
    choice: Choice


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two turns that answer what the tree's ``node`` shows, ``one`` and ``other``; people saw them without knowing who
    took them. ``whole``: with all that followed each."""

    node: int
    one: str
    other: str
    whole: bool
    votes: tuple[Vote, ...]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Comparison":
        votes = (Vote(**{**vote, "stage": Pass(vote["stage"]), "choice": Choice(vote["choice"])})
                 for vote in data["votes"])  # fmt: skip
        return cls(**{**data, "votes": tuple(votes)})


@dataclass(frozen=True, slots=True)
class Correction:
    """Turn ``number`` of this tree was written by a person in place of ``rejected``; what follows up to ``leaf`` was
    played on from there and accepted. FIRST: written without knowing the truth. ``labels`` of it and the turns before,
    by number."""

    rater: str
    stage: Pass
    month: str
    number: int
    leaf: int
    rejected: str
    labels: Mapping[int, int]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Correction":
        labels = {int(number): label for number, label in data["labels"].items()}
        return cls(**{**data, "stage": Pass(data["stage"]), "labels": labels})

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "labels": {str(number): label for number, label in sorted(self.labels.items())}}


@dataclass(frozen=True, slots=True)
class JudgedTree:
    """``key`` stands for the trajectory, ``policy`` for what wrote it; ``environment``: its settings. ``case_hash``: of
    the revision of the case.

    ``authoritative``: the adjudicated judgement of a branch, by its leaf.
    """

    key: str
    case: str
    case_hash: str
    policy: str
    environment: Mapping[str, Any]
    nodes: tuple[Node, ...]
    judgements: tuple[Judgement, ...] = ()
    authoritative: Mapping[int, Judgement] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    correction: Correction | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "case": self.case,
            "case_hash": self.case_hash,
            "policy": self.policy,
            "environment": dict(self.environment),
            "nodes": [node.to_dict() for node in self.nodes],
            "judgements": [judgement.to_dict() for judgement in self.judgements],
            "authoritative": [judgement.to_dict() for _, judgement in sorted(self.authoritative.items())],
            "comparisons": [asdict(comparison) for comparison in self.comparisons],
            "correction": None if self.correction is None else self.correction.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "JudgedTree":
        """Raises ``KeyError``, ``TypeError`` or ``ValueError`` on what :meth:`to_dict` did not write."""
        return cls(
            key=data["key"],
            case=data["case"],
            case_hash=data["case_hash"],
            policy=data["policy"],
            environment=data["environment"],
            nodes=tuple(map(Node.from_dict, data["nodes"])),
            judgements=tuple(map(Judgement.from_dict, data["judgements"])),
            authoritative={one["leaf"]: Judgement.from_dict(one) for one in data["authoritative"]},
            comparisons=tuple(map(Comparison.from_dict, data["comparisons"])),
            correction=None if data["correction"] is None else Correction.from_dict(data["correction"]),
        )
