"""Several answers to one view: seeded noise on beliefs and on the worth of tests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from medaction.knowledge.store import Array

from .beliefs import Belief
from .selection import Choice

Name = TypeVar("Name")


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How sampled replies differ; all are chosen, none is measured. ``kept``: how much of a leaning lasts to the next
    turn, so that a branch that believes in something goes on believing for a while. ``tests``: how far below the best
    a test is still taken, in nats of worth for a temperature of 1. ``near``: how many tests are near the best."""

    kept: float = 0.7
    tests: float = 0.6
    near: int = 5


class Noise:
    """A stream of Gumbel noise. Adding it to log p and taking the largest draws from p (the Gumbel-max trick)."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def draw(self, count: int) -> Array:
        """Centred, so that no noise and average noise mean the same."""
        uniform = np.clip(self._generator.random(count), 1e-12, 1 - 1e-12)
        drawn: Array = -np.log(-np.log(uniform)) - np.euler_gamma
        return drawn


def lean_beliefs(beliefs: Sequence[Belief], leanings: Sequence[float]) -> list[Belief]:
    """Beliefs with log p shifted by a leaning each, best first; together they keep the weight that they had."""
    p = np.array([belief.p for belief in beliefs])
    shifted = np.log(np.maximum(p, 1e-6)) + np.array(leanings)
    weights = np.exp(shifted - shifted.max())
    weights *= p.sum() / weights.sum()
    leaned = [replace(belief, p=float(weight)) for belief, weight in zip(beliefs, weights, strict=True)]
    return sorted(leaned, key=lambda belief: -belief.p)


def lean_posterior(posterior: Array, before: Sequence[Belief], after: Sequence[Belief]) -> Array:
    """The posterior over authored diseases, with the rows of the beliefs changed as those were."""
    leaned = posterior.copy()
    old = {belief.row: belief.p for belief in before if belief.row is not None}
    for belief in after:
        if belief.row is not None and old[belief.row] > 0:
            leaned[belief.row] *= belief.p / old[belief.row]
    leaned /= leaned.sum()
    return leaned


def read_leanings(said: Sequence[tuple[Name, float | None]], own: Sequence[tuple[Name, float]]) -> dict[Name, float]:
    """How far what was said at a turn leaned from what the evidence told: log ratios, at most 3 either way."""
    told = dict(own)
    return {
        name: float(np.clip(np.log(max(p, 1e-3) / max(told[name], 1e-3)), -3.0, 3.0))
        for name, p in said
        if p is not None and name in told
    }


def pick_near_best(choices: Sequence[Choice], count: int, noise: Noise, spread: float) -> list[Choice]:
    """``count`` of the choices, drawn without replacement, the worthier the likelier; in the order drawn."""
    if not choices:
        return []
    keys = np.log([choice.worth for choice in choices]) + spread * noise.draw(len(choices))
    return [choices[place] for place in np.argsort(-keys, kind="stable")[:count].tolist()]
