"""What scoring gives. All frozen, all with ``to_dict`` and ``from_dict``; None is "not assessable", never 0."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share with its counts, so that shares of many branches can be pooled."""

    hits: float
    of: float

    @property
    def value(self) -> float | None:
        """None when there was nothing to count."""
        return self.hits / self.of if self.of else None

    def __add__(self, other: "Ratio") -> "Ratio":
        return Ratio(self.hits + other.hits, self.of + other.of)


NOTHING = Ratio(0, 0)


@dataclass(frozen=True, slots=True)
class Change:
    """One diagnosis that rose (or entered) or fell (or left). ``supported`` is None where the graph cannot judge;
    ``fresh``: supported by what was found since the last turn, without an older passage that is cited."""

    dx: str
    direction: str
    supported: bool | None
    reason: str
    fresh: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {
            "dx": self.dx,
            "direction": self.direction,
            "supported": self.supported,
            "reason": self.reason,
            "fresh": self.fresh,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Change":
        return cls(data["dx"], data["direction"], data["supported"], data["reason"], data["fresh"])


@dataclass(frozen=True, slots=True)
class OrderLink:
    """One ordered test. ``linked`` is None where the graph does not know the test."""

    order: str
    linked: bool | None
    reason: str

    def to_dict(self) -> dict[str, Any]:
        return {"order": self.order, "linked": self.linked, "reason": self.reason}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "OrderLink":
        return cls(data["order"], data["linked"], data["reason"])


@dataclass(frozen=True, slots=True)
class TurnScore:
    """One turn of the model; ``number`` counts from 2. ``alignment``, ``rac``, ``grounding``, ``coverage`` in [0, 1].

    ``stated``: whether a differential could be read. ``nearest`` says in words what ``alignment`` rests on; these two
    and ``divergent`` read the truth, the rest never.
    ``divergent`` reads the next turn as well: at the last turn of a branch, a fall has not been made good.
    """

    number: int
    stated: bool = True
    alignment: float | None = None
    nearest: str = ""
    divergent: bool | None = None
    changes: tuple[Change, ...] = ()
    rac: float | None = None
    rigid: bool = False
    orders: tuple[OrderLink, ...] = ()
    grounding: float | None = None
    coverage: float | None = None
    reasons: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "stated": self.stated,
            "alignment": self.alignment,
            "nearest": self.nearest,
            "divergent": self.divergent,
            "changes": [change.to_dict() for change in self.changes],
            "rac": self.rac,
            "rigid": self.rigid,
            "orders": [order.to_dict() for order in self.orders],
            "grounding": self.grounding,
            "coverage": self.coverage,
            "reasons": list(self.reasons),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "TurnScore":
        return cls(
            number=data["number"],
            stated=data["stated"],
            alignment=data["alignment"],
            nearest=data["nearest"],
            divergent=data["divergent"],
            changes=tuple(map(Change.from_dict, data["changes"])),
            rac=data["rac"],
            rigid=data["rigid"],
            orders=tuple(map(OrderLink.from_dict, data["orders"])),
            grounding=data["grounding"],
            coverage=data["coverage"],
            reasons=tuple(data["reasons"]),
        )


@dataclass(frozen=True, slots=True)
class BranchScore:
    """One branch. ``leaf`` is the leaf's node number in its tree, None for a branch scored on its own.

    ``counts`` hold the battery as hits and totals; ``measures`` what is no share: slopes, cost, turns, probabilities.
    ``notes`` say why a score is not assessable. Formulae: docs/guides/metrics.md; they are our own operationalisation.
    """

    leaf: int | None
    metric_version: str
    graph: str
    dtc: float | None
    rac: float | None
    grounding: float | None
    coverage: float | None
    correct: bool | None
    turns: tuple[TurnScore, ...] = ()
    counts: Mapping[str, Ratio] = field(default_factory=dict)
    measures: Mapping[str, float | None] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def battery(self) -> dict[str, float | None]:
        """Every figure of the failure-mode battery by name."""
        return {**{name: ratio.value for name, ratio in self.counts.items()}, **self.measures}

    def to_dict(self) -> dict[str, Any]:
        return {
            "leaf": self.leaf,
            "metric_version": self.metric_version,
            "graph": self.graph,
            "dtc": self.dtc,
            "rac": self.rac,
            "grounding": self.grounding,
            "coverage": self.coverage,
            "correct": self.correct,
            "turns": [turn.to_dict() for turn in self.turns],
            "counts": {name: [ratio.hits, ratio.of] for name, ratio in self.counts.items()},
            "measures": dict(self.measures),
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "BranchScore":
        """What :meth:`to_dict` wrote. Raises ``KeyError`` or ``TypeError`` on anything else."""
        return cls(
            leaf=data["leaf"],
            metric_version=data["metric_version"],
            graph=data["graph"],
            dtc=data["dtc"],
            rac=data["rac"],
            grounding=data["grounding"],
            coverage=data["coverage"],
            correct=data["correct"],
            turns=tuple(map(TurnScore.from_dict, data["turns"])),
            counts={name: Ratio(*pair) for name, pair in data["counts"].items()},
            measures=dict(data["measures"]),
            notes=tuple(data["notes"]),
        )
