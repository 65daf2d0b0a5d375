"""A policy that knows nothing: tests and diagnoses drawn by lot. It shows what metrics give to no reasoning at all."""

from collections.abc import Sequence

import numpy as np

from medaction.domain.actions import MAX_TESTS, Action, FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.catalogue import load_catalogue
from medaction.domain.transcript import DX_LENGTH, TEST_LENGTH, render_turn

from .policy import Reply, View

STOP = 0.15
"""The chance that a turn ends the work-up, once something was ordered."""


class RandomPolicy:
    """``diseases`` are names to draw from: a vocabulary's, never a case's. Equal views and seeds give equal replies."""

    name = "random"
    label = "Random policy (tests and diagnoses drawn by lot)"

    def __init__(self, diseases: Sequence[str]) -> None:
        self._diseases = [name for name in diseases if len(name) <= DX_LENGTH]
        names = (entry.name for entry in load_catalogue().values())
        self._tests = [name for name in names if len(name) <= TEST_LENGTH]

    async def answer(self, view: View) -> Reply:
        return self._draw(view, 0)

    async def propose(self, view: View, count: int, seed: int, temperature: float) -> list[Reply]:
        """Chance has no temperature."""
        return [self._draw(view, seed + place) for place in range(count)]

    async def aclose(self) -> None:
        """Nothing is held."""

    def _draw(self, view: View, seed: int) -> Reply:
        # The turn's number is in the seed, so that a seed that stays makes no work-up of one turn over and over.
        lot = np.random.Generator(np.random.PCG64((seed, len(view.steps))))
        names = [self._diseases[i] for i in lot.choice(len(self._diseases), size=3, replace=False).tolist()]
        shares = sorted(lot.dirichlet([1.0, 1.0, 1.0, 1.0]).tolist()[:3], reverse=True)
        differential = tuple(Hypothesis(name, round(p, 3)) for name, p in zip(names, shares, strict=True))
        stops = view.must_diagnose or (bool(view.steps) and lot.random() < STOP)
        action: Action = FinalDiagnosis(names[0]) if stops else TestOrder(self._orders(lot))
        plan = "I settle on it." if stops else "I will see what these tests show."
        turn = Turn(f"{names[0]} could be the answer; {names[1]} and {names[2]} as well. {plan}", differential, action)
        return Reply(turn, render_turn(turn))

    def _orders(self, lot: np.random.Generator) -> tuple[str, ...]:
        return tuple(self._tests[i] for i in lot.choice(len(self._tests), size=MAX_TESTS, replace=False).tolist())
