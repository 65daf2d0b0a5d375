"""A judged tree as it is stored: a line of ``reviews.jsonl``. ``to_dict`` and ``from_dict`` are each other's inverse.

Turns are known by their number (2 is the model's first), raters by a pseudonym. What a reviewer wrote in words is not
in it, and dates are months.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
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


@dataclass(frozen=True, slots=True)
class Vote:
    """Which of two turns after the same messages one person preferred. ``one`` and ``other`` are their nodes;
    ``choice``: ``ONE``, ``OTHER``, ``TIE`` or ``BOTH_BAD``."""

    rater: str
    month: str
    seconds: int
    one: int
    other: int
    choice: str


@dataclass(frozen=True, slots=True)
class Correction:
    """Turn ``number`` of this tree was written by a person in place of ``rejected``; what follows up to ``leaf`` was
    played on from there and accepted."""

    rater: str
    month: str
    seconds: int
    number: int
    leaf: int
    rejected: str


@dataclass(frozen=True, slots=True)
class JudgedTree:
    """``key`` stands for the trajectory, ``policy`` for what wrote it; ``environment``: its settings.

    ``authoritative``: the adjudicated judgement of a branch, by its leaf.
    """

    key: str
    case: str
    policy: str
    environment: Mapping[str, Any]
    nodes: tuple[Node, ...]
    judgements: tuple[Judgement, ...] = ()
    authoritative: Mapping[int, Judgement] = field(default_factory=dict)
    votes: tuple[Vote, ...] = ()
    correction: Correction | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "case": self.case,
            "policy": self.policy,
            "environment": dict(self.environment),
            "nodes": [node.to_dict() for node in self.nodes],
            "judgements": [judgement.to_dict() for judgement in self.judgements],
            "authoritative": [judgement.to_dict() for _, judgement in sorted(self.authoritative.items())],
            "votes": [asdict(vote) for vote in self.votes],
            "correction": None if self.correction is None else asdict(self.correction),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "JudgedTree":
        """Raises ``KeyError``, ``TypeError`` or ``ValueError`` on what :meth:`to_dict` did not write."""
        return cls(
            key=data["key"],
            case=data["case"],
            policy=data["policy"],
            environment=data["environment"],
            nodes=tuple(map(Node.from_dict, data["nodes"])),
            judgements=tuple(map(Judgement.from_dict, data["judgements"])),
            authoritative={one["leaf"]: Judgement.from_dict(one) for one in data["authoritative"]},
            votes=tuple(Vote(**vote) for vote in data["votes"]),
            correction=None if data["correction"] is None else Correction(**data["correction"]),
        )
