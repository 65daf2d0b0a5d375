"""A policy that falls for the first idea: chosen by a few words of the story, kept whatever the tests say."""

import numpy as np

from medaction.domain.actions import MAX_TESTS, Action, FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.transcript import render_turn
from medaction.inference.script import Suspicion, load_suspicions

from .policy import Reply, View

FIRST_P, STEP_P, MOST_P = 0.5, 0.12, 0.95
"""How sure it is at first, how much surer each turn makes it, and at most: chosen, to be plainly overconfident."""
USUAL = ("Physical examination", "Complete blood count", "Comprehensive metabolic panel", "Urinalysis", "Chest X-ray")


class AnchoredPolicy:
    """Reads the story for cue words, never the graph, and later observations not at all."""

    name = "anchored"
    label = "Anchored policy (keeps its first idea)"

    async def answer(self, view: View) -> Reply:
        return self._stay(view, self._noticed(view)[:3])

    async def propose(self, view: View, count: int, seed: int, temperature: float) -> list[Reply]:
        """Siblings begin with different ideas; once begun, a branch has no second thought."""
        return [self._stay(view, self._draw(view, seed + place, temperature)) for place in range(count)]

    async def aclose(self) -> None:
        """Nothing is held."""

    def _stay(self, view: View, ideas: list[Suspicion]) -> Reply:
        if view.steps and view.steps[0].reply.turn.differential:
            ideas = _named([h.dx for h in view.steps[0].reply.turn.differential])
        first, *others = ideas
        turn_number = len(view.steps)
        p = min(FIRST_P + STEP_P * turn_number, MOST_P)
        rest = [Hypothesis(idea.dx, round((1 - p) / (len(others) + 1), 3)) for idea in others]
        tests = (*first.tests, *USUAL)[turn_number * 2 : turn_number * 2 + 2]
        stops = view.must_diagnose or not tests
        action: Action = FinalDiagnosis(first.dx) if stops else TestOrder(tests[:MAX_TESTS])
        words = "It remains" if view.steps else "This looks like"
        plan = "I am sure of it." if stops else "I will confirm it."
        cited = tuple(view.first.citable_ids[:1])
        turn = Turn(
            f"{words} {first.dx}, as the story says [{cited[0]}]. {plan}",
            (Hypothesis(first.dx, round(p, 3), cited), *rest),
            action,
        )
        return Reply(turn, render_turn(turn))

    def _draw(self, view: View, seed: int, temperature: float) -> list[Suspicion]:
        noticed = self._noticed(view)
        lot = np.random.Generator(np.random.PCG64(seed))
        keys = [-place / max(temperature, 0.05) + float(lot.gumbel()) for place in range(len(noticed))]
        return [noticed[place] for place in np.argsort([-key for key in keys], kind="stable")[:3].tolist()]

    def _noticed(self, view: View) -> list[Suspicion]:
        """Ideas with the most cue words in the story first; all of them where no word is a cue."""
        story = " ".join(segment.text for segment in view.first.segments).lower()
        suggested, _ = load_suspicions()
        hits = [(sum(word in story for word in idea.words), idea) for idea in suggested]
        noticed = [idea for count, idea in sorted(hits, key=lambda hit: -hit[0]) if count]
        return noticed + [idea for count, idea in hits if not count]


def _named(names: list[str]) -> list[Suspicion]:
    known = {idea.dx: idea for group in load_suspicions() for idea in group}
    return [known.get(name, Suspicion(name, ())) for name in names]
