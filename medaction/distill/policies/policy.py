"""The port through which every policy is asked."""

from dataclasses import dataclass
from typing import Protocol

from medaction.domain.actions import FinalDiagnosis, Turn
from medaction.domain.observation import Observation
from medaction.inference.port import Usage

AT_ONCE = "All results are given at once."
"""The reasoning of the turn that stands for an order of everything; no policy has said it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: the turn as it was understood, the text as it was sent, and diagnoses in order, best first.

    ``ranking`` may be longer than a turn's differential, for scoring; empty means the turn's own order. ``rejected``:
    the text of a first answer that could not be read and was asked for again; ``usage`` sums both, if a server tells.
    """

    turn: Turn
    text: str
    ranking: tuple[str, ...] = ()
    rejected: str | None = None
    usage: Usage | None = None

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
    """All that a policy may know. ``menu``: the names that can be ordered, only where the settings show them.

    ``without``: publications that a policy with a library must not use, for a fair measurement (``PMID:…``).
    """

    first: Observation
    steps: tuple[Step, ...] = ()
    must_diagnose: bool = False
    menu: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()

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


class SamplingPolicy(Policy, Protocol):
    """A policy that can answer one view in several ways, as the growth of a tree needs."""

    async def propose(self, view: View, count: int, seed: int, temperature: float) -> list[Reply]:
        """``count`` replies to one view, asked for together so that they share its prefix; some may be alike.

        ``seed`` is in 0 … 2³¹−1. Equal arguments give equal replies, unless a server behind the policy does not.
        """
        ...
