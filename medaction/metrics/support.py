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
    """``new``: told since the last turn. ``by_id``: every passage so far. ``cited_before``: by diagnosis, the ids that
    the turn before cited for it: a citation that stood already is no reason for a change."""

    new: Facts
    by_id: Mapping[str, Facts]
    cited_before: Mapping[int | str, frozenset[str]]

    def older(self, held: Held) -> Facts:
        """What older passages say that this diagnosis cites for the first time."""
        stale = self.cited_before.get(held.key, frozenset())
        return tuple(fact for one in held.cited if one not in stale for fact in self.by_id.get(one, ()))

    @property
    def all(self) -> Facts:
        return tuple(dict.fromkeys(fact for facts in self.by_id.values() for fact in facts))


def judge_moves(scales: Scales, moves: Sequence[Move], evidence: Evidence) -> tuple[Change, ...]:
    risers = [move for move in moves if move.direction == RISE]
    return tuple(_judge(scales, move, risers, evidence) for move in moves)


def _judge(scales: Scales, move: Move, risers: Sequence[Move], evidence: Evidence) -> Change:
    """By the new facts first, then by older ones that are cited."""
    held = move.held
    name = lower(held.name)
    if not scales.can_judge(held):
        arrow = "↑" if move.direction == RISE else "↓"
        return Change(held.name, move.direction, None, f"The graph cannot judge {name} {arrow}.")
    rivals = [riser.held for riser in risers if _displaces(riser, move)] if move.direction == FALL else []
    for fresh in (True, False):
        if reason := _find_reason(scales, move, rivals, evidence, fresh=fresh):
            return Change(held.name, move.direction, True, reason, fresh)
    if move.direction == RISE:
        verb = "adding" if move.before is None else "raising"
    else:
        verb = "dropping" if move.now is None else "lowering"
    return Change(held.name, move.direction, False, f"Nothing new supports {verb} {name}.")


def _find_reason(scales: Scales, move: Move, rivals: Sequence[Held], evidence: Evidence, *, fresh: bool) -> str | None:
    """What carries the change, as a sentence."""

    def find(held: Held, side: int) -> str | None:
        facts = evidence.new if fresh else evidence.older(held)
        fact = scales.strongest(facts, held.concept.index, side) if held.concept else None
        return scales.name(fact) if fact else None

    name = lower(move.held.name)
    if move.direction == RISE:
        told = find(move.held, 1)
        return f"{told} supports {name} ↑." if told else None
    if told := find(move.held, -1):
        return f"{told} speaks against {name} ↓."
    for rival in rivals:
        if told := find(rival, 1):
            return f"{told} supports {lower(rival.name)}, which displaced {name} ↓."
    return None


def _displaces(riser: Move, faller: Move) -> bool:
    """Whether the riser stands above the faller now, or took probability while the faller gave it up."""
    if faller.now is None or riser.now is None:
        return True
    return riser.now.rank < faller.now.rank or riser.before is None or riser.before.rank == riser.now.rank


def find_strong(scales: Scales, held: Sequence[Held], new: Facts, settings: MetricSettings) -> str | None:
    """Why the new facts ask for a change, as a sentence without its end; None when they do not.

    Strong: the combined likelihood ratio against the leader, or of a listed rival over it, is at least ``strong`` and,
    with probabilities given, Bayes' rule would move one of them by ``shift``. Or a finding is explained by nothing that
    is listed, with a ratio of at least ``strong`` for a disease that would explain it, enough for that disease to
    overtake the leader although it was thought no likelier than the last one listed.
    """
    leader = held[0] if held else None
    if not new or leader is None or leader.concept is None:
        return None
    ratios = [scales.total(new, one.concept.index) if one.concept else 0.0 for one in held]
    least = log(settings.strong) - 1e-9
    rival = max(range(len(held)), key=lambda place: ratios[place])
    against = max(ratios[rival], 0.0) - ratios[0]
    shift = odds_shift(held, ratios)
    if against >= least and (shift is None or shift >= settings.shift):
        about, side = (leader, -1) if -ratios[0] >= ratios[rival] else (held[rival], 1)
        fact = scales.strongest(new, about.concept.index, side) if about.concept else None
        told = scales.name(fact) if fact else "What was found, taken together,"
        return f"{told} {'speaks against' if side < 0 else 'supports'} {lower(about.name)}, {_times(against)}"
    known = tuple(one.concept.index for one in held if one.concept is not None)
    stranger, ratio = scales.unexplained(new, known)
    if stranger and ratio - ratios[0] >= max(least, _lead(held)):
        return f"{scales.name(stranger)} is explained by nothing that is listed"
    return None


def _lead(held: Sequence[Held]) -> float:
    """ln of how many times likelier the leader is than the last one listed; 0 where that was not said."""
    first, last = held[0].p, held[-1].p
    return log(first / last) if first and last else 0.0


def _times(ratio: float) -> str:
    return f"{exp(min(ratio, log(999))):,.0f} times against the leader"
