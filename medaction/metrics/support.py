"""RAC of one turn: is every change of belief carried by what was just found out?

A rise is supported by a fact that argues for the diagnosis; a fall by one that argues against it, or for a rival that
displaced it. Refusals and repeats are no facts. Nothing changed: 1, unless the facts spoke strongly against the leader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from .differential import FALL, RISE, Held, Move
from .facts import Facts
from .scores import Change
from .settings import MetricSettings
from .weighing import Scales, lower, odds_shift


@dataclass(frozen=True, slots=True)
class Evidence:
    """``new``: told since the last turn. ``by_id``: every passage so far, for what a diagnosis cites."""

    new: Facts
    by_id: Mapping[str, Facts]

    def cited(self, held: Held) -> Facts:
        """What is new, and what this diagnosis cites."""
        older = (fact for identifier in held.cited for fact in self.by_id.get(identifier, ()))
        return tuple(dict.fromkeys((*self.new, *older)))

    @property
    def all(self) -> Facts:
        return tuple(dict.fromkeys(fact for facts in self.by_id.values() for fact in facts))


def judge_moves(scales: Scales, moves: Sequence[Move], evidence: Evidence) -> tuple[Change, ...]:
    risers = [move for move in moves if move.direction == RISE]
    return tuple(
        _judge_rise(scales, move, evidence)
        if move.direction == RISE
        else _judge_fall(scales, move, evidence, [one for one in risers if _displaces(one, move)])
        for move in moves
    )


def _judge_rise(scales: Scales, move: Move, evidence: Evidence) -> Change:
    held = move.held
    name = lower(held.name)
    if held.concept is None or not scales.can_judge(held):
        return Change(held.name, RISE, None, f"The graph cannot judge {name} ↑.")
    fact = scales.strongest(evidence.cited(held), held.concept.index, 1)
    if fact:
        return Change(held.name, RISE, True, f"{scales.name(fact)} supports {name} ↑.")
    verb = "adding" if move.before is None else "raising"
    return Change(held.name, RISE, False, f"Nothing new supports {verb} {name}.")


def _judge_fall(scales: Scales, move: Move, evidence: Evidence, rivals: Sequence[Move]) -> Change:
    held = move.held
    name = lower(held.name)
    if held.concept is None or not scales.can_judge(held):
        return Change(held.name, FALL, None, f"The graph cannot judge {name} ↓.")
    if fact := scales.strongest(evidence.cited(held), held.concept.index, -1):
        return Change(held.name, FALL, True, f"{scales.name(fact)} speaks against {name} ↓.")
    for rival in rivals:
        if (concept := rival.held.concept) and (fact := scales.strongest(evidence.cited(rival.held), concept.index, 1)):
            reason = f"{scales.name(fact)} supports {lower(rival.held.name)}, which displaced {name} ↓."
            return Change(held.name, FALL, True, reason)
    verb = "dropping" if move.now is None else "lowering"
    return Change(held.name, FALL, False, f"Nothing new supports {verb} {name}.")


def _displaces(riser: Move, faller: Move) -> bool:
    """Whether the riser stands above the faller now, or took probability while the faller gave it up."""
    if faller.now is None or riser.now is None:
        return True
    return riser.now.rank < faller.now.rank or riser.before is None or riser.before.rank == riser.now.rank


def find_strong(scales: Scales, held: Sequence[Held], new: Facts, settings: MetricSettings) -> str | None:
    """Why the new facts ask for a change of the leader, as a sentence; None when they do not.

    Strong: the combined likelihood ratio of a listed rival over the leader, or of any disease over the leader, is at
    least ``strong``; and, with probabilities given, Bayes' rule would move one of them by at least ``shift``.
    """
    if not new or not held or held[0].concept is None:
        return None
    ratios = [scales.total(new, one.concept.index) if one.concept else 0.0 for one in held]
    rival = max(range(1, len(held)), key=lambda place: ratios[place], default=0)
    against = max(ratios[rival], 0.0) - ratios[0]
    if against < log(settings.strong) - 1e-9:
        return None
    shift = odds_shift(held, ratios)
    if shift is not None and shift < settings.shift:
        return None
    side = -1 if -ratios[0] >= against / 2 else 1
    about = held[0] if side < 0 else held[rival]
    fact = scales.strongest(new, about.concept.index, side) if about.concept else None
    told = scales.name(fact) if fact else "What was found"
    verb = "speaks against" if side < 0 else "supports"
    return f"{told} {verb} {lower(about.name)} (combined likelihood ratio against the leader {exp(against):,.0f})"
