"""What a correction changes in a turn, for people to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from re import findall

from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.vocabulary import normalise

LONG = 400
KEPT, ADDED, REMOVED, MOVED = "kept", "added", "removed", "moved"


@dataclass(frozen=True, slots=True)
class Piece:
    """``change``: ``kept``, ``added`` or ``removed``."""

    change: str
    text: str


@dataclass(frozen=True, slots=True)
class Rank:
    """One diagnosis before and after; None where it was not listed, or had no probability (0 to 1).

    ``change``: ``kept``, ``added``, ``removed``, or ``moved`` in rank, probability or evidence.
    """

    dx: str
    change: str
    rank: int | None
    rank_before: int | None
    p: float | None
    p_before: float | None
    evidence: bool


@dataclass(frozen=True, slots=True)
class TurnDiff:
    """``diagnosis`` is empty where neither turn commits to one."""

    reasoning: tuple[Piece, ...]
    differential: tuple[Rank, ...]
    orders: tuple[Piece, ...]
    diagnosis: tuple[Piece, ...]

    @property
    def is_empty(self) -> bool:
        pieces = (*self.reasoning, *self.orders, *self.diagnosis, *self.differential)
        return all(piece.change == KEPT for piece in pieces)


def diff_turns(before: Turn, after: Turn) -> TurnDiff:
    """Word by word in the reasoning, line by line in the rest."""
    return TurnDiff(
        reasoning=_diff(findall(r"\s*\S+", before.reasoning), findall(r"\s*\S+", after.reasoning), joined=True),
        differential=_ranks(before.differential, after.differential),
        orders=_diff(_tests(before), _tests(after), joined=False),
        diagnosis=_diff(_dx(before), _dx(after), joined=False),
    )


def _diff(before: Sequence[str], after: Sequence[str], *, joined: bool) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    # In long texts words that are everywhere are no anchors, or comparing takes the square of the length.
    matcher = SequenceMatcher(None, before, after, autojunk=len(after) > LONG)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            found = [(KEPT, before[start:end])]
        else:
            found = [(REMOVED, before[start:end]), (ADDED, after[other_start:other_end])]
        for change, words in found:
            if joined and words:
                pieces.append(Piece(change, "".join(words)))
            elif not joined:
                pieces += [Piece(change, word) for word in words]
    return tuple(pieces)


def _ranks(before: Sequence[Hypothesis], after: Sequence[Hypothesis]) -> tuple[Rank, ...]:
    known = {normalise(each.dx): (rank, each) for rank, each in enumerate(before, 1)}
    rows = []
    for rank, now in enumerate(after, 1):
        rank_before, was = known.pop(normalise(now.dx), (None, None))
        if was is None:
            rows.append(Rank(now.dx, ADDED, rank, None, now.p, None, bool(now.supporting or now.contradicting)))
            continue
        evidence = (set(was.supporting), set(was.contradicting)) != (set(now.supporting), set(now.contradicting))
        same = (rank, now.p) == (rank_before, was.p) and not evidence
        rows.append(Rank(now.dx, KEPT if same else MOVED, rank, rank_before, now.p, was.p, evidence))
    gone = (Rank(was.dx, REMOVED, None, rank, None, was.p, False) for rank, was in known.values())
    return (*rows, *gone)


def _tests(turn: Turn) -> tuple[str, ...]:
    return turn.action.tests if isinstance(turn.action, TestOrder) else ()


def _dx(turn: Turn) -> tuple[str, ...]:
    return (turn.action.dx,) if isinstance(turn.action, FinalDiagnosis) else ()
