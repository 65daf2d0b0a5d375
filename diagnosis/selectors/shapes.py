"""What a walkthrough looks like to a page: one frozen tree that the page, its fragments and the board all render.

It is rebuilt from stored nodes every time, so what a reload shows is what the live page showed. Nothing here holds the
truth of the case except ``Reveal``, which exists only once the walkthrough has ended.
"""

from dataclasses import dataclass, field
from itertools import zip_longest

from diagnosis.models import Case, GenerationJob, Session
from medaction.domain.actions import Turn
from medaction.domain.observation import Segment, TestResult


@dataclass(frozen=True, slots=True)
class Evidence:
    """One citation. ``quote`` is the cited text, verbatim; empty when the case has not shown it (``known`` False)."""

    id: str
    quote: str
    known: bool


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One hypothesis after one turn, compared with the turn before.

    ``change`` is ``new``, ``up``, ``down`` or ``same`` and is about rank; ``delta`` is the change in probability
    (-1 to 1), None unless both turns gave one. ``ranks`` is the rank in every turn so far, None where it was absent.
    ``unsupported``: it entered, rose or fell and cites nothing that the case has shown.
    """

    dx: str
    p: float | None
    rank: int
    change: str
    delta: float | None
    supporting: tuple[Evidence, ...]
    contradicting: tuple[Evidence, ...]
    unsupported: bool
    ranks: tuple[int | None, ...]

    @property
    def percent(self) -> int | None:
        return None if self.p is None else round(self.p * 100)


@dataclass(frozen=True, slots=True)
class BoardTest:
    """One order and what became of it. ``outcome`` is ``RESULT``, ``UNAVAILABLE`` or ``DUPLICATE``."""

    name: str
    outcome: str
    text: str
    cost: float | None
    turnaround_minutes: int | None
    risk: str | None
    turn: int
    result_id: str


@dataclass(frozen=True, slots=True)
class Board:
    """The reasoning board after the latest turn. ``cost`` in US dollars, summed over the orders with a known cost.

    ``turnaround_minutes`` is the sum of the longest wait of each turn (orders of one turn run side by side).
    ``dropped`` names hypotheses that the latest turn no longer lists. ``ordered`` counts orders that the case answered.
    """

    differential: tuple[BoardRow, ...] = ()
    dropped: tuple[str, ...] = ()
    tests: tuple[BoardTest, ...] = ()
    cost: float = 0.0
    cost_known: bool = False
    turnaround_minutes: int = 0
    worst_risk: str | None = None
    ordered: int = 0


@dataclass(frozen=True, slots=True)
class ActionView:
    """``kind`` is ``order``, ``diagnose`` or, after a format failure, ``none``."""

    kind: str
    tests: tuple[str, ...] = ()
    dx: str = ""


@dataclass(frozen=True, slots=True)
class ObservationBlock:
    id: str
    segments: tuple[Segment, ...]
    kind: str = field(default="observation", init=False)


@dataclass(frozen=True, slots=True)
class TurnBlock:
    """One committed turn. ``reasoning_html`` is sanitised. ``text`` is the model's raw answer, byte for byte."""

    id: str
    number: int
    job_id: str
    text: str
    reasoning: str
    reasoning_html: str
    differential: tuple[BoardRow, ...]
    dropped: tuple[str, ...]
    action: ActionView
    problems: tuple[str, ...]
    format_failure: bool
    repaired: bool
    model_label: str
    kind: str = field(default="turn", init=False)


@dataclass(frozen=True, slots=True)
class ResultsBlock:
    """The environment's answers to one turn. ``dropped`` are orders beyond the three that a turn may place."""

    id: str
    results: tuple[TestResult, ...]
    dropped: tuple[str, ...]
    kind: str = field(default="results", init=False)


@dataclass(frozen=True, slots=True)
class InterruptedBlock:
    """A turn that failed or was stopped. ``partial`` is what had been said. ``superseded``: a later job took its place,
    so it is kept for the record and offers no retry."""

    job: GenerationJob
    number: int
    partial: Turn
    text: str
    reasoning_html: str
    state: str
    error_code: str
    error_message: str
    superseded: bool
    kind: str = field(default="interrupted", init=False)


Block = ObservationBlock | TurnBlock | ResultsBlock | InterruptedBlock


@dataclass(frozen=True, slots=True)
class Reveal:
    """The truth, after the end. ``correct`` is None when names alone cannot say: that is not "wrong".

    ``method`` is ``EXACT``, ``ALIAS`` or ``NONE`` (not matched automatically). ``given`` is empty when no diagnosis was
    given. ``distractors`` are the other diagnoses that were considered, in the order in which they appeared.
    ``verdict`` is the graph's (``same``, ``broader``, ``other``, ``unlinked``), empty until it has been asked.
    """

    truth: str
    aliases: tuple[str, ...]
    given: str
    correct: bool | None
    method: str
    teaching_points: tuple[str, ...]
    distractors: tuple[str, ...]
    hidden_notes: str
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class PathTurn:
    """One turn of a path: ``number`` is 1 for the first. ``diagnosis`` is empty while tests were ordered."""

    number: int
    reasoning_html: str
    differential: tuple[BoardRow, ...]
    results: tuple[TestResult, ...]
    diagnosis: str


@dataclass(frozen=True, slots=True)
class PathView:
    """A whole way through the case. ``board`` holds its totals; ``verdict`` is the graph's on its diagnosis."""

    label: str
    turns: tuple[PathTurn, ...]
    board: Board
    diagnosis: str
    verdict: str


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """The policy's path beside the person's. Both are None until ``state`` is ``READY``."""

    state: str
    error_message: str = ""
    mine: PathView | None = None
    theirs: PathView | None = None

    @property
    def paths(self) -> tuple[PathView, ...]:
        return tuple(path for path in (self.mine, self.theirs) if path is not None)

    @property
    def rounds(self) -> tuple[tuple[PathTurn | None, PathTurn | None], ...]:
        """Turn beside turn, the person's first; None where one was done sooner."""
        if self.mine is None or self.theirs is None:
            return ()
        return tuple(zip_longest(self.mine.turns, self.theirs.turns))


@dataclass(frozen=True, slots=True)
class Walkthrough:
    """``live_job`` is the QUEUED or RUNNING job, ``last_job`` the newest of any state.

    ``turn`` counts the turns begun (0 before the first), at most ``horizon``. ``must_diagnose``: the next is the last.
    """

    session: Session
    case: Case
    blocks: tuple[Block, ...]
    board: Board
    live_job: GenerationJob | None
    last_job: GenerationJob | None
    turn: int
    horizon: int
    ended: bool
    reveal: Reveal | None
    comparison: ComparisonView | None = None

    @property
    def drives(self) -> bool:
        """The person takes the turns."""
        return self.session.mode == Session.Mode.DRIVE

    @property
    def is_my_turn(self) -> bool:
        return self.drives and not self.ended

    @property
    def must_diagnose(self) -> bool:
        return self.turn + 1 >= self.horizon

    @property
    def seen(self) -> str:
        """Names what the page shows: the same word, nothing to fetch."""
        return f"{self.session.leaf_seq}-{self.comparison.state if self.comparison else ''}"

    @property
    def awaits_comparison(self) -> bool:
        """The policy's path is still being worked out."""
        return self.comparison is not None and self.comparison.state in ("QUEUED", "RUNNING")

    @property
    def can_retry(self) -> bool:
        """The newest job was stopped or failed."""
        return not self.ended and self.last_job is not None and self.last_job.state in ("FAILED", "CANCELLED")
