"""The whole walkthrough as one tree, rebuilt from storage: the single source of page, fragment and board."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.safestring import mark_safe

from diagnosis.models import HUMAN, Comparison, GenerationJob, Session, TrajectoryNode
from diagnosis.selectors.board import BoardBuilder
from diagnosis.selectors.branch import TURN, get_branch, get_whole_path
from diagnosis.selectors.comparison import get_comparison_row, trace_path
from diagnosis.selectors.markdown import render_markdown
from diagnosis.selectors.reveal import get_reveal
from diagnosis.selectors.shapes import (
    ActionView,
    Block,
    Board,
    BoardRow,
    BoardTest,
    ComparisonView,
    Evidence,
    InterruptedBlock,
    ObservationBlock,
    ResultsBlock,
    Reveal,
    TurnBlock,
    Walkthrough,
)
from medaction.domain.actions import FinalDiagnosis, TestOrder, Turn
from medaction.domain.observation import Observation
from medaction.domain.parser import parse_turn

State = GenerationJob.State
LIVE = (State.QUEUED, State.RUNNING)
INTERRUPTED = (State.FAILED, State.CANCELLED)


def get_walkthrough(session: Session) -> Walkthrough:
    """Three queries whatever the length; at the end one more for the reveal, and two for the comparison.

    ``session`` comes from ``get_session``.
    """
    branch = get_branch(trajectory_id=session.trajectory_id, leaf_seq=session.leaf_seq)
    jobs = list(GenerationJob.objects.filter(session=session).order_by("queued_at", "pk"))
    last_job = jobs[-1] if jobs else None
    live_job = last_job if last_job is not None and last_job.state in LIVE else None
    blocks, builder = _build_blocks(branch, jobs)
    turns = [block for block in blocks if isinstance(block, TurnBlock)]
    given = turns[-1].action.dx if turns and turns[-1].action.kind == "diagnose" else ""
    row = get_comparison_row(session)
    board = builder.build()
    begun = len(turns) + (live_job is not None and live_job.state == State.RUNNING)
    return Walkthrough(
        session=session,
        case=session.case,
        blocks=tuple(blocks),
        board=board,
        live_job=live_job,
        last_job=last_job,
        turn=begun,
        horizon=session.trajectory.settings["environment"]["horizon"],
        ended=session.state != Session.State.ACTIVE,
        reveal=get_reveal(
            session, given=given, considered=_considered(turns), verdict=row.verdict if row is not None else ""
        ),
        comparison=_compare(row, blocks, board) if row is not None else None,
    )


def get_path(trajectory_id: UUID) -> tuple[tuple[Block, ...], Board]:
    """A whole trajectory that never branches, as blocks, and the board at its end. One query."""
    blocks, builder = _build_blocks(get_whole_path(trajectory_id), ())
    return tuple(blocks), builder.build()


def get_blocks(branch: Sequence[TrajectoryNode]) -> tuple[Block, ...]:
    """A branch as pages show it, whoever grew it."""
    return tuple(_build_blocks(branch, ())[0])


def _compare(row: Comparison, blocks: Sequence[Block], board: Board) -> ComparisonView:
    if row.reference is None:
        return ComparisonView(row.state, row.error_message)
    theirs, builder = _build_blocks(get_whole_path(row.reference.pk), ())
    return ComparisonView(
        state=row.state,
        mine=trace_path(blocks, board, row.verdict),
        theirs=trace_path(theirs, builder.build(), row.reference_verdict),
    )


def _build_blocks(branch: Sequence[TrajectoryNode], jobs: Iterable[GenerationJob]) -> tuple[list[Block], BoardBuilder]:
    builder = BoardBuilder()
    blocks: list[Block] = []
    done = {job.node_seq: job for job in jobs if job.node_seq is not None}
    stopped: dict[int, list[GenerationJob]] = {}
    newest = None
    for job in jobs:
        newest = job
        if job.state in INTERRUPTED:
            stopped.setdefault(job.parent_seq, []).append(job)
    for node in branch:
        if node.kind == TURN:
            blocks.append(_turn_block(node, done.get(node.seq), builder))
        else:
            observation = Observation.from_dict(node.content)
            builder.observe(observation)
            if node.parent_seq is None:
                blocks.append(ObservationBlock(observation.id, observation.segments))
            elif observation.results or observation.dropped:
                blocks.append(ResultsBlock(observation.id, observation.results, observation.dropped))
        blocks.extend(_interrupted_block(job, newest is not job) for job in stopped.get(node.seq, ()))
    return blocks, builder


def _turn_block(node: TrajectoryNode, job: GenerationJob | None, builder: BoardBuilder) -> TurnBlock:
    content = node.content
    turn = Turn.from_dict(content["turn"])
    builder.consider(turn.differential, cites=content["model"] != HUMAN or _cites(turn))
    number = content["number"]
    return TurnBlock(
        id=f"t{number}",
        number=number,
        job_id=str(job.pk) if job else "",
        text=content["text"],
        reasoning=turn.reasoning,
        reasoning_html=_html(turn.reasoning),
        differential=builder.rows if turn.differential else (),
        dropped=builder.dropped if turn.differential else (),
        action=_action_view(turn, content["format_failure"]),
        problems=turn.problems,
        format_failure=content["format_failure"],
        # Trees that the library grew do not ask twice.
        repaired=content.get("repaired", False),
        model_label=content["model_label"],
    )


def _cites(turn: Turn) -> bool:
    """A person need not cite; one who does is held to it, as a model is."""
    return any(hypothesis.supporting or hypothesis.contradicting for hypothesis in turn.differential)


def _action_view(turn: Turn, format_failure: bool) -> ActionView:
    if format_failure:
        return ActionView("none")
    if isinstance(turn.action, TestOrder):
        return ActionView("order", tests=turn.action.tests)
    if isinstance(turn.action, FinalDiagnosis):
        return ActionView("diagnose", dx=turn.action.dx)
    return ActionView("none")


def _interrupted_block(job: GenerationJob, superseded: bool) -> InterruptedBlock:
    partial = parse_turn(job.partial_text) if job.partial_text else Turn()
    return InterruptedBlock(
        job=job,
        number=job.turn,
        partial=partial,
        text=job.partial_text,
        reasoning_html=_html(partial.reasoning),
        state=job.state,
        error_code=job.error_code,
        error_message=job.error_message,
        superseded=superseded,
    )


def _html(reasoning: str) -> str:
    return mark_safe(render_markdown(reasoning)) if reasoning else ""  # noqa: S308 - sanitised by nh3


def _considered(turns: Iterable[TurnBlock]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.dx for turn in turns for row in turn.differential))


__all__ = [
    "ActionView",
    "Block",
    "Board",
    "BoardRow",
    "BoardTest",
    "Evidence",
    "InterruptedBlock",
    "ObservationBlock",
    "ResultsBlock",
    "Reveal",
    "TurnBlock",
    "Walkthrough",
    "get_blocks",
    "get_path",
    "get_walkthrough",
]
