"""Five ways to spoil a good branch, each a failure that some metric is meant to catch. Seeded; nothing else moves."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.branch import Branch, BranchStep
from medaction.domain.observation import Observation, Outcome, TestResult

Corruption = Callable[[Branch, "Material", random.Random], Branch]


class Material:
    """What foreign pieces are taken from: results of other cases, names of diseases and of tests."""

    def __init__(self, branches: Sequence[Branch], diseases: Sequence[str], tests: Sequence[str]) -> None:
        self.results = [
            [r for observation in branch.observations for r in observation.results if r.outcome is Outcome.RESULT]
            for branch in branches
        ]
        self.diseases = diseases
        self.tests = tests

    def foreign(self, own: Branch, chance: random.Random) -> TestResult:
        texts = {r.text for observation in own.observations for r in observation.results}
        while True:
            results = chance.choice(self.results)
            if results and (found := chance.choice(results)).text not in texts:
                return found


def swap_results(branch: Branch, material: Material, chance: random.Random) -> Branch:
    """Every result is that of another case; the turns stay."""

    def swapped(result: TestResult) -> TestResult:
        if result.outcome is not Outcome.RESULT:
            return result
        other = material.foreign(branch, chance)
        return replace(result, text=other.text, name=other.name, key=other.key, keys=other.keys)

    return _with_observations(branch, lambda observation: tuple(map(swapped, observation.results)))


def shuffle_turns(branch: Branch, material: Material, chance: random.Random) -> Branch:
    """The differentials change places among the turns, none where it was if that can be; orders and results stay."""
    places = list(range(len(branch.steps)))
    order = places[:]
    for _ in range(50):
        chance.shuffle(order)
        if all(a != b for a, b in zip(order, places, strict=True)):
            break
    return _with_differentials(branch, [branch.steps[place].turn.differential for place in order])


def freeze(branch: Branch, material: Material, chance: random.Random) -> Branch:
    """The first differential is kept to the end."""
    return _with_differentials(branch, [branch.steps[0].turn.differential] * len(branch.steps))


def jump(branch: Branch, material: Material, chance: random.Random) -> Branch:
    """From the second turn on, each turn is led by a disease drawn at random."""

    def jumped(turn: Turn) -> tuple[Hypothesis, ...]:
        leader = replace(turn.differential[0], dx=chance.choice(material.diseases), supporting=(), contradicting=())
        return (leader, *turn.differential[1:])

    first, *later = branch.turns
    return _with_differentials(branch, [first.differential, *map(jumped, later)])


def order_at_random(branch: Branch, material: Material, chance: random.Random) -> Branch:
    """Every order is another test of the catalogue, drawn at random, of which the case says nothing."""
    steps = []
    for step in branch.steps:
        turn, observation = step.turn, step.observation
        if isinstance(turn.action, TestOrder):
            names = tuple(chance.sample(list(material.tests), len(turn.action.tests)))
            turn = replace(turn, action=TestOrder(names))
            if observation is not None:
                results = tuple(
                    TestResult(f"{observation.id}.{place}", name, Outcome.UNAVAILABLE)
                    for place, name in enumerate(names, start=1)
                )
                observation = Observation(observation.id, results=results)
        steps.append(BranchStep(turn, observation))
    return Branch(branch.first, tuple(steps))


CORRUPTIONS: dict[str, Corruption] = {
    "results swapped": swap_results,
    "turns shuffled": shuffle_turns,
    "differential frozen": freeze,
    "random jumps": jump,
    "orders at random": order_at_random,
}


def _with_observations(branch: Branch, results_of: Callable[[Observation], tuple[TestResult, ...]]) -> Branch:
    steps = [
        BranchStep(s.turn, s.observation and replace(s.observation, results=results_of(s.observation)))
        for s in branch.steps
    ]
    return Branch(branch.first, tuple(steps))


def _with_differentials(branch: Branch, differentials: Sequence[tuple[Hypothesis, ...]]) -> Branch:
    """A final diagnosis follows its differential."""
    steps = []
    for step, differential in zip(branch.steps, differentials, strict=True):
        action = step.turn.action
        if isinstance(action, FinalDiagnosis):
            action = FinalDiagnosis(differential[0].dx)
        steps.append(BranchStep(replace(step.turn, differential=differential, action=action), step.observation))
    return Branch(branch.first, tuple(steps))
