"""DTC: how near the differential stands to the truth, turn by turn. Pure arithmetic over numbers.

Formulae (our own operationalisation): A_t = max_i γ^(i-1)·s(d_i, d*); C = share of steps with A_t ≥ A_(t-1) - ε;
DTC = ½·A_T + ½·C, or A_T when there is one turn only. Turns without a differential state no belief and are left out.
"""

from collections.abc import Sequence
from itertools import pairwise

from .settings import MetricSettings


def align(similarities: Sequence[float | None], gamma: float) -> float | None:
    """A_t from the similarity of each listed diagnosis to the truth, best first; None when none is known."""
    known = [gamma**place * s for place, s in enumerate(similarities) if s is not None]
    return max(known) if known else None


def converge(alignments: Sequence[float], slack: float) -> float | None:
    """C; None with fewer than two values."""
    steps = [later >= earlier - slack - 1e-9 for earlier, later in pairwise(alignments)]
    return sum(steps) / len(steps) if steps else None


def score_trajectory(alignments: Sequence[float | None], settings: MetricSettings) -> float | None:
    """DTC of a branch's A_2 … A_T; None when nothing is known."""
    known = [a for a in alignments if a is not None]
    if not known:
        return None
    convergence = converge(known, settings.slack)
    return known[-1] if convergence is None else 0.5 * known[-1] + 0.5 * convergence


def find_divergent(alignments: Sequence[float | None], settings: MetricSettings) -> list[bool | None]:
    """For each turn whether it is divergent; None where its alignment is not known.

    A fall by more than ``drop`` counts unless the next known value is back within ``slack`` of the one before the
    fall; so does a first known value below ``adrift``.
    """
    flags: list[bool | None] = [None] * len(alignments)
    known = [(place, a) for place, a in enumerate(alignments) if a is not None]
    for order, (place, value) in enumerate(known):
        flags[place] = order == 0 and value < settings.adrift
        if order:
            earlier = known[order - 1][1]
            recovers = order + 1 < len(known) and known[order + 1][1] >= earlier - settings.slack - 1e-9
            flags[place] = earlier - value > settings.drop + 1e-9 and not recovers
    return flags


def slope(values: Sequence[float | None]) -> float | None:
    """Least-squares change a turn; None with fewer than two known values."""
    known = [(place, v) for place, v in enumerate(values) if v is not None]
    if len(known) < 2:
        return None
    middle = sum(place for place, _ in known) / len(known)
    level = sum(v for _, v in known) / len(known)
    spread = sum((place - middle) ** 2 for place, _ in known)
    return sum((place - middle) * (v - level) for place, v in known) / spread
