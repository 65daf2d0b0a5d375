"""What the knowledge graph offers to another policy: who could be ill with what, and which tests would tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from medaction.domain.actions import TestOrder
from medaction.domain.naming import catalogue_key
from medaction.domain.observation import Outcome
from medaction.knowledge import KnowledgeGraph

from .beliefs import Belief
from .evidence import Fact
from .policy import View
from .wording import diagnosis_name, fact_name


@dataclass(frozen=True, slots=True)
class Clue:
    """A finding in words (``no fever``) and the id of the passage that tells it."""

    name: str
    cited: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """``p`` in 0 … 1, rounded to what a turn can say; the strongest clues first."""

    name: str
    p: float
    supporting: tuple[Clue, ...]
    contradicting: tuple[Clue, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """Candidates, best first, and tests that are not ordered yet, the most telling first."""

    candidates: tuple[Candidate, ...]
    tests: tuple[str, ...]

    def candidate(self, name: str) -> Candidate | None:
        return next((one for one in self.candidates if one.name == name), None)


def make_advice(graph: KnowledgeGraph, beliefs: Sequence[Belief], tests: Sequence[str]) -> Advice:
    return Advice(tuple(_candidate(graph, belief) for belief in beliefs), tuple(tests))


def _candidate(graph: KnowledgeGraph, belief: Belief) -> Candidate:
    p = min(max(round(belief.p, 2), 0.01), 0.99)
    return Candidate(diagnosis_name(belief), p, _clues(graph, belief.supporting), _clues(graph, belief.contradicting))


def _clues(graph: KnowledgeGraph, facts: Sequence[Fact]) -> tuple[Clue, ...]:
    return tuple(Clue(fact_name(graph, fact), fact.cited) for fact in facts)


def list_ordered(view: View) -> set[str]:
    """Orders so far, as written and as catalogue keys."""
    written: set[str] = set()
    for step in view.steps:
        action = step.reply.turn.action
        written.update(action.tests if isinstance(action, TestOrder) else ())
        written.update(result.order for result in step.observation.results)
        written.update(result.name for result in step.observation.results)
    keys = {key for order in written if (key := catalogue_key(order))}
    return written | keys


def list_refused(view: View) -> set[str]:
    """Catalogue keys of what the case does not have."""
    results = (result for step in view.steps for result in step.observation.results)
    orders = (result.order for result in results if result.outcome is Outcome.UNAVAILABLE)
    return {key for order in orders if (key := catalogue_key(order))}
