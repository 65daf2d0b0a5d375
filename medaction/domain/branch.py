"""One path of a trajectory, from the first observation to a leaf: what every metric and every prompt is made from."""

from collections.abc import Sequence
from dataclasses import dataclass

from medaction.domain.actions import FinalDiagnosis, Turn
from medaction.domain.observation import Observation
from medaction.domain.tree import Node, NodeKind, TreeError

FIRST_TURN = 2
"""``o1`` is t=1, so the model's first turn is t=2."""


@dataclass(frozen=True, slots=True)
class BranchStep:
    """A turn and what the environment answered; None where nothing came after it (a final diagnosis, a cut branch)."""

    turn: Turn
    observation: Observation | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """Step ``i`` (from 0) is turn ``i + FIRST_TURN``."""

    first: Observation
    steps: tuple[BranchStep, ...] = ()

    @property
    def turns(self) -> tuple[Turn, ...]:
        return tuple(step.turn for step in self.steps)

    @property
    def observations(self) -> tuple[Observation, ...]:
        return (self.first, *(step.observation for step in self.steps if step.observation is not None))

    @property
    def diagnosis(self) -> str | None:
        """The final diagnosis, or None when the branch does not end in a readable one."""
        last = self.steps[-1].turn if self.steps else None
        return last.action.dx if last and last.valid and isinstance(last.action, FinalDiagnosis) else None

    def before(self, number: int) -> "Branch":
        """The branch up to, and without, turn ``number``."""
        return Branch(self.first, self.steps[: max(0, number - FIRST_TURN)])

    @classmethod
    def from_nodes(cls, nodes: Sequence[Node]) -> "Branch":
        """The branch along a path of nodes, root first: an observation, then turns and observations by turns.

        The contents are ``Observation.to_dict()`` and ``{"turn": Turn.to_dict(), …}``. Raises :class:`TreeError`.
        """
        if not nodes:
            raise TreeError(0, "is missing: a branch has at least its first observation")
        for before, node in zip((None, *nodes), nodes, strict=False):
            if node.parent_seq != (None if before is None else before.seq):
                raise TreeError(node.seq, "does not follow the node before it in this branch")
            wanted = NodeKind.TURN if before and before.kind is NodeKind.OBSERVATION else NodeKind.OBSERVATION
            if node.kind is not wanted:
                raise TreeError(node.seq, f"should be {_ARTICLED[wanted]}")
        turns = [node for node in nodes if node.kind is NodeKind.TURN]
        answers = [read_observation(node) for node in nodes if node.kind is NodeKind.OBSERVATION]
        steps = [
            BranchStep(read_turn(node), answers[position] if position < len(answers) else None)
            for position, node in enumerate(turns, start=1)
        ]
        return cls(answers[0], tuple(steps))


_ARTICLED = {NodeKind.TURN: "a turn", NodeKind.OBSERVATION: "an observation"}


def read_observation(node: Node) -> Observation:
    """The observation that a node holds. Raises :class:`TreeError`."""
    try:
        return Observation.from_dict(node.content)
    except (KeyError, TypeError, ValueError) as error:
        raise TreeError(node.seq, f"holds no observation ({error!r})") from error


def read_turn(node: Node) -> Turn:
    """The turn that a node holds. Raises :class:`TreeError`."""
    try:
        return Turn.from_dict(node.content["turn"])
    except (KeyError, TypeError, ValueError) as error:
        raise TreeError(node.seq, f"holds no turn ({error!r})") from error
