"""What every training format is written from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from medaction.domain.case import Case
from medaction.domain.prompt import Message

STEPS = "step_labels"
"""The column of experts' labels, one a turn of the branch."""


@dataclass(frozen=True, slots=True)
class TaughtTurn:
    """One turn of a branch. ``message``: its place in the branch's messages.

    ``good``: whether the verdict stands behind it; None: the verdict says nothing of it (what follows the first fault).
    ``sampled``: a model wrote it, or a reviewer to mend it, so that it may count in the loss. ``fresh``: no earlier
    branch of the tree holds it. ``label``: an expert's, 1, 0 or −1; None where nobody gave one.
    """

    seq: int
    message: int
    text: str
    good: bool | None
    sampled: bool = True
    fresh: bool = True
    label: int | None = None

    @property
    def sound(self) -> bool | None:
        """As a step of reasoning, as an expert has it where there is one: neutral is not learned from, and no fault."""
        return self.good if self.label is None else self.label >= 0

    @property
    def learnable(self) -> bool:
        return bool(self.good) and self.sampled and self.fresh


@dataclass(frozen=True, slots=True)
class BranchMaterial:
    """A whole branch as the model would be asked for it, system message and worked example included.

    ``messages`` end with the last turn. ``kept``: how many leading turns the verdict keeps. ``told``: columns about
    the judgement that it comes from.
    """

    leaf: int
    verdict: str
    messages: tuple[Message, ...]
    turns: tuple[TaughtTurn, ...]
    kept: int
    told: Mapping[str, Any] = field(default_factory=dict)

    def tell(self, turn: TaughtTurn) -> dict[str, Any]:
        """``told``, for a row of one turn."""
        return {**self.told, STEPS: [turn.label]} if self.told else {}

    @property
    def kept_turns(self) -> tuple[TaughtTurn, ...]:
        return self.turns[: self.kept]

    @property
    def kept_messages(self) -> tuple[Message, ...]:
        """Up to and with the last turn that is kept; nothing when none is."""
        return self.messages[: self.turns[self.kept - 1].message + 1] if self.kept else ()


@dataclass(frozen=True, slots=True)
class Preference:
    """Two siblings after the same messages. ``margin`` > 0: by how much the chosen one is better (see ``reason``).

    ``told``: columns about the judgement that it comes from.
    """

    prompt: tuple[Message, ...]
    chosen: str
    rejected: str
    margin: float
    reason: str
    chosen_seq: int
    rejected_seq: int
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TreeMaterial:
    """One tree. ``run``: its run's fingerprint; ``record``: the tree as stored; ``verdicts``: one a branch, as stored.

    ``scores``, one a branch as stored, and ``preferences``, made from them, are read when they are asked for: the
    scores are the larger half of a run, and few formats need them.
    """

    case: Case
    run: str
    policy: str
    branches: tuple[BranchMaterial, ...]
    record: dict[str, Any] = field(default_factory=dict)
    verdicts: Sequence[dict[str, Any]] = ()
    scores: Callable[[], Sequence[dict[str, Any]]] = tuple
    preferences: Callable[[], tuple[Preference, ...]] = tuple


def provenance(tree: TreeMaterial, number: int | str, verdict: str) -> dict[str, Any]:
    """The columns that every row has beside its format's own: where it comes from, and under which licence."""
    return {
        "id": f"{tree.case.id}#{tree.run[:12]}#{number}",
        "case": tree.case.id,
        "group": tree.case.group_key,
        "source": tree.case.source,
        "licence": tree.case.licence,
        "policy": tree.policy,
        "verdict": verdict,
    }
