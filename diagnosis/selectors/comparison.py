"""A person's way through a case beside the policy's own, turn by turn. Only for a walkthrough that has ended."""

from collections.abc import Sequence

from diagnosis.models import Comparison, Session
from diagnosis.selectors.shapes import Block, Board, PathTurn, PathView, ResultsBlock, TurnBlock


def get_comparison_row(session: Session) -> Comparison | None:
    """None in Watch, and while the walkthrough is active."""
    if session.mode != Session.Mode.DRIVE or session.state == Session.State.ACTIVE:
        return None
    return Comparison.objects.select_related("reference").filter(session=session).first()


def trace_path(blocks: Sequence[Block], board: Board, verdict: str) -> PathView:
    """The turns of a branch with their results, without what only the transcript needs."""
    turns: list[PathTurn] = []
    taken = [block for block in blocks if isinstance(block, TurnBlock)]
    results = {block.id: block.results for block in blocks if isinstance(block, ResultsBlock)}
    for turn in taken:
        turns.append(
            PathTurn(
                number=turn.number - 1,
                reasoning_html=turn.reasoning_html,
                differential=turn.differential,
                results=results.get(f"r{turn.number}", ()),
                diagnosis=turn.action.dx,
            )
        )
    return PathView(
        label=taken[-1].model_label if taken else "",
        turns=tuple(turns),
        board=board,
        diagnosis=turns[-1].diagnosis if turns else "",
        verdict=verdict,
    )
