"""A policy that says what a test tells it to, for trees of a known form."""

from collections.abc import Callable

from medaction.distill.policies.policy import Reply, View
from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.transcript import render_turn
from medaction.inference.port import Usage

Say = Callable[[View, int], Reply]


def order(*tests: str, dx: str = "Pulmonary embolism") -> Reply:
    turn = Turn("I look.", (Hypothesis(dx, 0.6), Hypothesis("Pneumonia", 0.2)), TestOrder(tests))
    return Reply(turn, render_turn(turn))


def diagnose(dx: str) -> Reply:
    turn = Turn("I settle on it.", (Hypothesis(dx, 0.9), Hypothesis("Pneumonia", 0.05)), FinalDiagnosis(dx))
    return Reply(turn, render_turn(turn))


def unreadable(text: str = "hm") -> Reply:
    return Reply(Turn(problems=("NOT_JSON",)), text, usage=Usage(10, 5))


class SaidPolicy:
    """``say(view, place)`` gives the reply of the sibling at that place."""

    name = "said"
    label = "Said by a test"

    def __init__(self, say: Say) -> None:
        self._say = say
        self.asked: list[tuple[int, int]] = []

    async def answer(self, view: View) -> Reply:
        return self._say(view, 0)

    async def propose(self, view: View, count: int, seed: int, temperature: float) -> list[Reply]:
        self.asked.append((len(view.steps), count))
        return [self._say(view, place) for place in range(count)]

    async def aclose(self) -> None:
        """Nothing is held."""
