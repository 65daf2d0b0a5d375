"""What the templates are given, made from what the selectors return."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from diagnosis.models import GenerationJob
from diagnosis.selectors.job_status import list_job_statuses
from diagnosis.selectors.sessions import get_queue_position, list_sessions
from diagnosis.selectors.shapes import Block, InterruptedBlock, ObservationBlock, ResultsBlock, TurnBlock, Walkthrough
from diagnosis.web.templatetags.clinical import place_in_line
from diagnosis.web.turn_form import TurnForm

PAGE_SIZE = 25
FIRST_TURN = 2
STATE_BADGES = {GenerationJob.State.FAILED: "badge--bad", GenerationJob.State.CANCELLED: "badge--caution"}
SESSIONS_PER_CASE = 2


def paginate(items: QuerySet, number: str | None) -> Page:
    """A page of 25. A number that makes no sense gives the nearest page."""
    return Paginator(items, PAGE_SIZE).get_page(number)


def attach_sessions(cases: Page, owner: AbstractBaseUser) -> None:
    """Give each case of the page ``my_sessions`` (the newest two) and ``more_sessions`` (how many are left out)."""
    mine = defaultdict(list)
    for session in list_sessions(owner=owner).filter(case__slug__in=[case.slug for case in cases]):
        mine[session.case.slug].append(session)
    for case in cases:
        sessions = mine[case.slug]
        case.my_sessions = sessions[:SESSIONS_PER_CASE]
        case.more_sessions = len(sessions) - len(case.my_sessions)


def attach_queue_positions(sessions: Page) -> None:
    """Give each session ``queue_position``: how many answers are ahead of it, None when it does not wait."""
    waiting = [session.pk for session in sessions if session.latest_job_state == GenerationJob.State.QUEUED]
    jobs = GenerationJob.objects.filter(session__in=waiting, state=GenerationJob.State.QUEUED)
    session_of = {str(job): session for job, session in jobs.values_list("pk", "session")}
    statuses = list_job_statuses(session_of) if session_of else {}
    positions = {session_of[job]: status.position for job, status in statuses.items()}
    for session in sessions:
        session.queue_position = positions.get(session.pk)


def walkthrough_context(
    walkthrough: Walkthrough,
    *,
    from_turn: int = 0,
    form: TurnForm | None = None,
    draft: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The page, or with ``from_turn`` the update that replaces everything from that turn on.

    ``settled`` blocks never change again. ``current`` ones belong to the turn that is being written or retried; they
    stand inside the tail, which the next update replaces. ``form`` is a person's turn with its errors, ``draft`` what
    they wrote that was not taken.
    """
    unsettled_from = _first_unsettled_turn(walkthrough.last_job)
    blocks = [block for block in walkthrough.blocks if _turn_of(block) >= from_turn]
    numbers = number_pieces(walkthrough.blocks)
    board_turn = max((block.number - 1 for block in walkthrough.blocks if isinstance(block, TurnBlock)), default=0)
    return {
        "section": "sessions",
        "walkthrough": walkthrough,
        "settled": [block for block in blocks if _turn_of(block) < unsettled_from],
        "current": [block for block in blocks if _turn_of(block) >= unsettled_from],
        "shown_from": unsettled_from,
        "numbers": numbers,
        "turn_form": (form or TurnForm.blank(walkthrough, numbers, draft)) if walkthrough.is_my_turn else None,
        "board_turn": board_turn,
        "turn_shown": unsettled_from - 1 if not walkthrough.ended else walkthrough.turn,
        "state_word": _state_word(walkthrough),
        "state_badge": STATE_BADGES.get(walkthrough.last_job.state if walkthrough.last_job else "", "badge--accent"),
        "announcement": _announcement(walkthrough),
        "next_key": uuid4(),
    }


def number_pieces(blocks: tuple[Block, ...]) -> dict[str, int]:
    """A number for every piece of the case that can be cited, in the order in which it was shown."""
    pieces: list[str] = []
    for block in blocks:
        if isinstance(block, ObservationBlock):
            pieces += [segment.id for segment in block.segments]
        elif isinstance(block, ResultsBlock):
            pieces += [result.id for result in block.results]
    return {piece: number for number, piece in enumerate(pieces, start=1)}


def _turn_of(block: Block) -> int:
    if isinstance(block, TurnBlock | InterruptedBlock):
        return block.number
    return int(block.id[1:])


def _first_unsettled_turn(last: GenerationJob | None) -> int:
    """The turn that is being written or can be retried; after a finished turn, the one that would follow."""
    if last is None:
        return FIRST_TURN
    return last.turn if last.state != GenerationJob.State.SUCCEEDED else last.turn + 1


def _state_word(walkthrough: Walkthrough) -> str:
    if walkthrough.drives:
        return "Your turn"
    job = walkthrough.live_job or walkthrough.last_job
    if job is None:
        return "Not started"
    if job.cancel_requested_at and walkthrough.live_job:
        return "Stopping"
    position = get_queue_position(job)
    return place_in_line(position) if position is not None else job.get_state_display()


def _announcement(walkthrough: Walkthrough) -> str:
    """What a screen reader is told when the page comes to rest."""
    if walkthrough.ended:
        return "The walkthrough has ended. The truth is shown below the last turn."
    if walkthrough.can_retry:
        job = walkthrough.last_job
        return job.error_message or "The answer was stopped. You can retry."
    return ""
