"""What is kept of a branch: all of it, the turns before its first fault, or nothing; and why.

The rules are spec §4's, our own operationalisation. docs/adr/0010 says how a score that is None is treated.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from medaction.domain.branch import FIRST_TURN
from medaction.metrics import BranchScore, MetricSettings, TurnScore
from medaction.metrics.alignment import score_trajectory


class Verdict(StrEnum):
    RETAINED = "RETAINED"
    TRUNCATED = "TRUNCATED"
    REJECTED = "REJECTED"
    NOT_ASSESSABLE = "NOT_ASSESSABLE"


KEPT = frozenset({Verdict.RETAINED, Verdict.TRUNCATED})


class Rule(StrEnum):
    """The rule that decided. UNREAD (no differential could be read), DIVERGENT, UPDATE (RAC_t) and UNGROUNDED name the
    fault of turn t*; WRONG_END and NO_END that of the end; LOW_DTC and LOW_RAC a branch in which no single turn is at
    fault; NO_DTC and NO_RAC what cannot be judged."""

    SOUND = "SOUND"
    UNREAD = "UNREAD"
    DIVERGENT = "DIVERGENT"
    UPDATE = "UPDATE"
    UNGROUNDED = "UNGROUNDED"
    WRONG_END = "WRONG_END"
    NO_END = "NO_END"
    LOW_DTC = "LOW_DTC"
    LOW_RAC = "LOW_RAC"
    NO_DTC = "NO_DTC"
    NO_RAC = "NO_RAC"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """``dtc`` and ``rac``: the least of a retained branch, and of a prefix kept from one that ends wrong. A turn is at
    fault with less than ``turn_rac``, or ``grounding`` or less. Each is in 0 … 1, or it is a ``ValueError``."""

    dtc: float = 0.6
    rac: float = 0.5
    turn_rac: float = 0.5
    grounding: float = 0.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 <= value <= 1:
                raise ValueError(f"the threshold {name} must be from 0 to 1, not {value}")

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class BranchVerdict:
    """``t_star`` is the number of the first turn at fault (2 is the model's first), ``kept`` how many of the model's
    turns are kept, ``values`` what the rule looked at. ``leaf`` is the branch's last node."""

    verdict: Verdict
    t_star: int | None
    rule: Rule
    values: Mapping[str, Any]
    metric_version: str
    graph: str
    leaf: int | None = None
    kept: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {
            "leaf": self.leaf,
            "verdict": self.verdict.value,
            "t_star": self.t_star,
            "rule": self.rule.value,
            "kept": self.kept,
            "values": dict(self.values),
            "metric_version": self.metric_version,
            "graph": self.graph,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "BranchVerdict":
        """What :meth:`to_dict` wrote. Raises ``KeyError`` or ``ValueError`` on anything else."""
        return cls(
            verdict=Verdict(data["verdict"]),
            t_star=data["t_star"],
            rule=Rule(data["rule"]),
            values=data["values"],
            metric_version=data["metric_version"],
            graph=data["graph"],
            leaf=data["leaf"],
            kept=data["kept"],
        )


def prune(score: BranchScore, thresholds: Thresholds | None = None) -> BranchVerdict:
    """The verdict on one branch. Total: every score has one."""
    thresholds = thresholds or Thresholds()
    values: dict[str, Any] = {
        "dtc": score.dtc,
        "rac": score.rac,
        "grounding": score.grounding,
        "coverage": score.coverage,
        "correct": score.correct,
        "turns": len(score.turns),
    }
    t_star, fault = _find_fault(score.turns, thresholds)
    if t_star is not None:
        turn = score.turns[t_star - FIRST_TURN]
        values["at"] = {"alignment": turn.alignment, "rac": turn.rac, "grounding": turn.grounding}

    def decide(verdict: Verdict, rule: Rule, kept: int = 0, t_star: int | None = t_star) -> BranchVerdict:
        return BranchVerdict(verdict, t_star, rule, values, score.metric_version, score.graph, score.leaf, kept)

    unknown = _find_unknown(score)
    if unknown is not None:
        return decide(Verdict.NOT_ASSESSABLE, unknown)
    if t_star is not None and fault is not None:
        kept = t_star - FIRST_TURN
        return decide(Verdict.TRUNCATED if kept else Verdict.REJECTED, fault, kept)
    if score.correct:
        return _judge_sound(score, thresholds, decide)
    rule = Rule.NO_END if score.correct is None else Rule.WRONG_END
    values["prefix"] = prefix = _score_prefix(score.turns[:-1])
    dtc, rac = prefix["dtc"], prefix["rac"]
    good = dtc is not None and rac is not None and dtc >= thresholds.dtc and rac >= thresholds.rac
    last = score.turns[-1].number if score.turns else None
    return decide(Verdict.TRUNCATED if good else Verdict.REJECTED, rule, len(score.turns) - 1 if good else 0, last)


def _judge_sound(score: BranchScore, thresholds: Thresholds, decide: Callable[..., BranchVerdict]) -> BranchVerdict:
    """No turn is at fault and the end is right: the averages decide."""
    if score.dtc is not None and score.dtc < thresholds.dtc:
        return decide(Verdict.REJECTED, Rule.LOW_DTC)
    if score.rac is not None and score.rac < thresholds.rac:
        return decide(Verdict.REJECTED, Rule.LOW_RAC)
    return decide(Verdict.RETAINED, Rule.SOUND, len(score.turns))


def _find_fault(turns: tuple[TurnScore, ...], thresholds: Thresholds) -> tuple[int | None, Rule | None]:
    """t* and its rule. What is None is no fault."""
    for turn in turns:
        if not turn.stated:
            return turn.number, Rule.UNREAD
        if turn.divergent:
            return turn.number, Rule.DIVERGENT
        if turn.rac is not None and turn.rac < thresholds.turn_rac:
            return turn.number, Rule.UPDATE
        if turn.grounding is not None and turn.grounding <= thresholds.grounding:
            return turn.number, Rule.UNGROUNDED
    return None, None


def _find_unknown(score: BranchScore) -> Rule | None:
    if score.dtc is None:
        return Rule.NO_DTC
    return Rule.NO_RAC if score.rac is None else None


def _score_prefix(turns: tuple[TurnScore, ...]) -> dict[str, float | None]:
    """DTC and RAC of the turns before a wrong end, as if the branch had stopped there."""
    alignments = [turn.alignment for turn in turns if turn.alignment is not None]
    racs = [turn.rac for turn in turns if turn.rac is not None]
    return {
        "dtc": score_trajectory(alignments, MetricSettings()) if alignments else None,
        "rac": sum(racs) / len(racs) if racs else None,
    }
