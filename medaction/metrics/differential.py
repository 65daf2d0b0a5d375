"""A turn's differential as concepts: which diagnoses are held, in which order, and how they changed."""

from dataclasses import dataclass
from functools import lru_cache

from medaction.domain.actions import FinalDiagnosis, Hypothesis, Turn, normalise_probabilities
from medaction.knowledge import Concept, Grade, Kind, KnowledgeGraph
from medaction.knowledge.text import fold

RISE, FALL = "rise", "fall"


@dataclass(frozen=True, slots=True)
class Held:
    """One diagnosis. ``key`` is the same for all names of one concept; ``exact`` is whether the name means just that.

    ``rank`` counts from 1; ``p`` is None when not given; ``cited``: ids of the passages cited for or against it.
    """

    key: int | str
    name: str
    concept: Concept | None
    exact: bool
    rank: int
    p: float | None
    cited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """``before`` is None for a diagnosis that entered, ``now`` for one that left."""

    direction: str
    before: Held | None
    now: Held | None

    @property
    def held(self) -> Held:
        held = self.now or self.before
        assert held is not None  # noqa: S101 - a move has at least one side
        return held


class DifferentialReader:
    """Turns in, held diagnoses out. Names are linked once."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self.link = lru_cache(maxsize=50_000)(self._link)

    def _link(self, name: str) -> tuple[int | str, Concept | None, bool]:
        """(key, concept, exact) of a written diagnosis; a name that is not linked is its own key."""
        link = self._graph.concept(name, Kind.DISEASE)
        if link is None:
            return fold(name), None, False
        root = int(self._graph.arrays["same"][link.concept.index])
        return root, link.concept, link.grade is Grade.SAME

    def read(self, turn: Turn) -> tuple[Held, ...]:
        """Diagnoses in order, a final one at the head; several names of one concept count once, with their p summed."""
        listed = normalise_probabilities(turn.differential)
        if turn.valid and isinstance(turn.action, FinalDiagnosis):
            final = turn.action.dx
            same = [h for h in listed if self.link(h.dx)[0] == self.link(final)[0]]
            listed = (*(same[:1] or [Hypothesis(final)]), *(h for h in listed if h not in same[:1]))
        merged: dict[int | str, Held] = {}
        for hypothesis in listed:
            key, concept, exact = self.link(hypothesis.dx)
            cited = (*hypothesis.supporting, *hypothesis.contradicting)
            known = merged.get(key)
            if known is None:
                merged[key] = Held(key, hypothesis.dx, concept, exact, len(merged) + 1, hypothesis.p, cited)
            else:
                p = None if known.p is None and hypothesis.p is None else (known.p or 0.0) + (hypothesis.p or 0.0)
                cited = (*known.cited, *cited)
                merged[key] = Held(key, known.name, concept, known.exact or exact, known.rank, p, cited)
        return tuple(merged.values())


def find_moves(before: tuple[Held, ...], now: tuple[Held, ...], shift: float) -> list[Move]:
    """ΔB: what entered or rose, left or fell, by a rank or by ``shift`` in probability. Where both moved, p decides."""
    earlier = {held.key: held for held in before}
    moves = []
    for held in now:
        old = earlier.pop(held.key, None)
        if old is None:
            moves.append(Move(RISE, None, held))
        elif direction := _direction(old, held, shift):
            moves.append(Move(direction, old, held))
    return [*moves, *(Move(FALL, held, None) for held in earlier.values())]


def _direction(old: Held, held: Held, shift: float) -> str | None:
    if old.p is not None and held.p is not None and abs(held.p - old.p) >= shift - 1e-9:
        return RISE if held.p > old.p else FALL
    if held.rank != old.rank:
        return RISE if held.rank < old.rank else FALL
    return None
