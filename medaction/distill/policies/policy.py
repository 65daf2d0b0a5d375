"""The port through which every policy is asked."""

from dataclasses import dataclass
from typing import Protocol

from medaction.domain.actions import FinalDiagnosis, Turn
from medaction.domain.observation import Observation


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: the turn as it was understood, the text as it was sent, and diagnoses in order, best first.

    ``ranking`` may be longer than a turn's differential, for scoring; empty means the turn's own order.
    """

    turn: Turn
    text: str
    ranking: tuple[str, ...] = ()

    @property
    def ranked(self) -> tuple[str, ...]:
        """Diagnoses best first, the final one at the head."""
        listed = self.ranking or tuple(hypothesis.dx for hypothesis in self.turn.differential)
        first = (self.turn.action.dx,) if isinstance(self.turn.action, FinalDiagnosis) else ()
        return tuple(dict.fromkeys((*first, *listed)))


@dataclass(frozen=True, slots=True)
class Step:
    """An earlier turn and what it led to."""

    reply: Reply
    observation: Observation


@dataclass(frozen=True, slots=True)
class View:
    """All that a policy may know. ``menu``: the names that can be ordered, only where the settings show them."""

    first: Observation
    steps: tuple[Step, ...] = ()
    must_diagnose: bool = False
    menu: tuple[str, ...] | None = None

    @property
    def observations(self) -> tuple[Observation, ...]:
        return (self.first, *(step.observation for step in self.steps))


class Policy(Protocol):
    """``name`` is what a command calls it; ``label`` what a page shows beside its turns."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    async def answer(self, view: View) -> Reply:
        """The next turn. A policy over a network raises :class:`medaction.inference.errors.ModelError`."""
        ...

    async def aclose(self) -> None: ...
