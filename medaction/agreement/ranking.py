"""Ranking by pairwise preferences: Bradley and Terry (1952) with ties after Davidson (1970, JASA 65, 317-328), and
covariates of a comparison (which answer is longer, which stood on the left) taken out, as in a logistic regression.

With strengths λ, covariates x and η = λ_first − λ_second + β·x: P(first) ∝ e^(η/2), P(second) ∝ e^(−η/2), P(tie) ∝ ν.
The log likelihood is concave; it has a finite maximum when every contestant can be reached from every other by wins and
ties (Ford 1957), which is looked at first.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from .graph import find_components, find_strong_components
from .ratings import Array, Whole

RESAMPLES = 500
LEVEL = 0.95
MOST_STEPS = 100
FAR = 15.0
"""A parameter beyond it means odds above e¹⁵: the maximum lies at infinity."""
LEAST_SHARE = 0.9


class Outcome(StrEnum):
    FIRST = "FIRST"
    SECOND = "SECOND"
    TIE = "TIE"


class NoRanking(StrEnum):
    NO_COMPARISONS = "nothing was compared"
    DISCONNECTED = "some were never compared with the others, directly or by way of third ones"
    SEPARATED = "some won, or lost, every comparison with the others, so their strength has no bound"
    ONLY_TIES = "every comparison is a tie, so how common ties are has no bound"
    COVARIATE = "a covariate alone tells the outcomes, or never varies"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``covariates``: first minus second, by name. ``group``: what the bootstrap draws whole, such as the item."""

    first: Hashable
    second: Hashable
    outcome: Outcome
    covariates: Mapping[str, float] = field(default_factory=dict)
    group: Hashable = None

    def __post_init__(self) -> None:
        if self.first == self.second:
            raise ValueError(f"{self.first!r} cannot be compared with itself")


@dataclass(frozen=True, slots=True)
class Estimate:
    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """``strengths``, best first, on the logit scale with mean 0; ``ties``: ν; ``effects`` of covariates (β).

    Nothing but ``reason`` and ``groups`` (who can be ranked among themselves) where there is no ranking. ``resamples``
    that gave one are behind the intervals; below nine of ten the intervals are None.
    """

    strengths: Mapping[Hashable, Estimate] = field(default_factory=dict)
    ties: Estimate | None = None
    effects: Mapping[str, Estimate] = field(default_factory=dict)
    n: int = 0
    resamples: int = 0
    reason: NoRanking | None = None
    groups: tuple[tuple[Hashable, ...], ...] = ()


def length_difference(first: int, second: int) -> float:
    """(first − second) / (first + second), -1 to 1; 0 for two empty texts."""
    return (first - second) / (first + second) if first + second else 0.0


def rank_pairs(comparisons: Sequence[Comparison], *, resamples: int = RESAMPLES, seed: int = 0) -> Ranking:
    """Strengths with 95 % bootstrap intervals over groups (each comparison its own where none has a group).

    Raises ``ValueError`` when the comparisons have different covariates.
    """
    names = _names(comparisons)
    players = list(dict.fromkeys(player for one in comparisons for player in (one.first, one.second)))
    if not comparisons:
        return Ranking(reason=NoRanking.NO_COMPARISONS)
    table = _Table(comparisons, players, names)
    everything = np.arange(len(comparisons))
    reason = table.why_none(everything)
    best = None if reason else table.fit(everything)
    if best is None:
        groups = table.rankable(everything)
        return Ranking(n=len(comparisons), reason=reason or NoRanking.COVARIATE, groups=groups)
    drawn = _bootstrap(table, comparisons, resamples, seed)
    enough = resamples > 0 and len(drawn) >= LEAST_SHARE * resamples
    bounds = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0) if enough else None

    def estimate(place: int) -> Estimate:
        interval = None if bounds is None else (float(bounds[0, place]), float(bounds[1, place]))
        return Estimate(float(best[place]), interval)

    size = len(players)
    found = {player: estimate(place) for place, player in enumerate(players)}
    return Ranking(
        strengths=dict(sorted(found.items(), key=lambda pair: -pair[1].value)),
        ties=estimate(size + len(names)) if table.has_ties else None,
        effects={name: estimate(size + place) for place, name in enumerate(names)},
        n=len(comparisons),
        resamples=len(drawn),
    )


def _names(comparisons: Sequence[Comparison]) -> tuple[str, ...]:
    names = {tuple(sorted(one.covariates)) for one in comparisons}
    if len(names) > 1:
        raise ValueError(f"comparisons have different covariates: {sorted(names)}")
    return next(iter(names), ())


def _bootstrap(table: "_Table", comparisons: Sequence[Comparison], resamples: int, seed: int) -> Array:
    members: dict[Hashable, list[int]] = {}
    for place, one in enumerate(comparisons):
        members.setdefault(("alone", place) if one.group is None else ("group", one.group), []).append(place)
    blocks = [np.array(block) for block in members.values()]
    generator = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        rows = np.concatenate([blocks[pick] for pick in generator.integers(0, len(blocks), len(blocks))])
        if table.why_none(rows) is None and (found := table.fit(rows)) is not None:
            drawn.append(found)
    return np.array(drawn)


class _Table:
    """Comparisons as numbers: ``design`` (± 1 for the two, then covariates), ``said`` (1, 0 for a tie, -1)."""

    def __init__(self, comparisons: Sequence[Comparison], players: Sequence[Hashable], names: Sequence[str]) -> None:
        self.players = players
        place = {player: number for number, player in enumerate(players)}
        self.first = np.array([place[one.first] for one in comparisons])
        self.second = np.array([place[one.second] for one in comparisons])
        sign = {Outcome.FIRST: 1.0, Outcome.TIE: 0.0, Outcome.SECOND: -1.0}
        self.said = np.array([sign[one.outcome] for one in comparisons])
        rows = np.arange(len(comparisons))
        self.design = np.zeros((len(comparisons), len(players) + len(names)))
        self.design[rows, self.first] = 1
        self.design[rows, self.second] = -1
        for column, name in enumerate(names, start=len(players)):
            self.design[:, column] = [one.covariates[name] for one in comparisons]
        self.has_ties = bool((self.said == 0).any())

    def why_none(self, rows: Whole) -> NoRanking | None:
        said, size = self.said[rows], len(self.players)
        edges = np.stack([self.first[rows], self.second[rows]], 1)
        if len(find_components(size, edges)) > 1:
            return NoRanking.DISCONNECTED
        if not said.any() or (self.has_ties and not (said == 0).any()):
            return NoRanking.ONLY_TIES if not said.any() else NoRanking.SEPARATED
        return None if len(self._reach(rows)) == 1 else NoRanking.SEPARATED

    def _reach(self, rows: Whole) -> list[list[int]]:
        """Sets within which each beat or tied its way to each other."""
        said = self.said[rows]
        over = np.stack([self.first[rows], self.second[rows]], 1)
        return find_strong_components(len(self.players), np.concatenate([over[said >= 0], over[said <= 0][:, ::-1]]))

    def rankable(self, rows: Whole) -> tuple[tuple[Hashable, ...], ...]:
        return tuple(tuple(self.players[place] for place in part) for part in self._reach(rows))

    def fit(self, rows: Whole) -> Array | None:
        """Newton's method with halved steps; (λ, β, ν), or None where the maximum is not finite."""
        design, said = self.design[rows], self.said[rows]
        size, ties = design.shape[1], int(self.has_ties)
        values = np.zeros(size + ties)
        likelihood = _likelihood(values, design, said, ties)
        for _ in range(MOST_STEPS):
            gradient, curvature = _derivatives(values, design, said, ties)
            # Strengths are known up to a constant: their sum is held at 0.
            curvature[: len(self.players), : len(self.players)] += 1.0
            step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
            scale = 1.0
            while (after := _likelihood(values + scale * step, design, said, ties)) < likelihood and scale > 1e-8:
                scale /= 2
            values, likelihood = values + scale * step, max(after, likelihood)
            if np.abs(values).max() > FAR:
                return None
            if np.abs(gradient).max() < 1e-9 * max(1, len(rows)):
                break
        values[: len(self.players)] -= values[: len(self.players)].mean()
        if ties:
            values[-1] = np.exp(values[-1])
        return values


def _parts(values: Array, design: Array, ties: int) -> tuple[Array, Array, Array]:
    """Log odds of (first, tie, second), unnormalised; minus infinity for a tie where there is none."""
    half = design @ values[: design.shape[1]] / 2
    tie = np.full(len(half), values[-1] if ties else -np.inf)
    return half, tie, -half


def _likelihood(values: Array, design: Array, said: Array, ties: int) -> float:
    first, tie, second = _parts(values, design, ties)
    chosen = np.where(said > 0, first, np.where(said < 0, second, tie))
    return float((chosen - np.logaddexp(np.logaddexp(first, second), tie)).sum())


def _derivatives(values: Array, design: Array, said: Array, ties: int) -> tuple[Array, Array]:
    """Gradient, and the negative Hessian: the covariance of (± x / 2, tie) under the model."""
    first, tie, second = _parts(values, design, ties)
    total = np.logaddexp(np.logaddexp(first, second), tie)
    p_first, p_tie, p_second = (np.exp(part - total) for part in (first, tie, second))
    mean = (p_first - p_second) / 2
    size = design.shape[1]
    gradient = np.zeros(size + ties)
    gradient[:size] = design.T @ (said / 2 - mean)
    curvature = np.zeros((size + ties, size + ties))
    spread = (p_first + p_second) / 4 - mean**2
    curvature[:size, :size] = design.T @ (design * spread[:, None])
    if ties:
        gradient[-1] = ((said == 0) - p_tie).sum()
        curvature[-1, -1] = (p_tie * (1 - p_tie)).sum()
        curvature[:size, -1] = curvature[-1, :size] = -design.T @ (mean * p_tie)
    return gradient, curvature
