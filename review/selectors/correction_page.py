"""What the page of one correction shows: the way to the turn, the turn itself, and what came of the correction."""

from dataclasses import dataclass, replace

from diagnosis.models import Case, Session, TrajectoryNode
from diagnosis.selectors.branch import get_branch
from diagnosis.selectors.chat_models import ChatModelChoice, list_chat_models
from diagnosis.selectors.shapes import Block, ResultsBlock, TurnBlock, Walkthrough
from diagnosis.selectors.walkthrough import get_blocks, get_walkthrough
from medaction.domain.actions import Turn
from review.models import Correction
from review.selectors.corrections import Standing, get_source_id, get_standing
from review.selectors.workspace import hide_model

FIRST_TURN = 2


@dataclass(frozen=True, slots=True)
class CorrectionPage:
    """``blocks`` lead to the turn, ``original``; later ones are not in it. ``last``: it can only be a diagnosis.

    ``model`` is the one that wrote the turn, None when it cannot be asked any more; ``models`` are those that can be.
    ``rerun`` is None until the correction was run; ``rerun_blocks`` begin with the corrected turn.
    """

    correction: Correction
    case: Case
    standing: Standing | None
    blocks: tuple[Block, ...]
    original: Turn
    original_block: TurnBlock
    last: bool
    model: ChatModelChoice | None
    models: tuple[ChatModelChoice, ...]
    rerun: Walkthrough | None
    rerun_blocks: tuple[Block, ...]

    @property
    def is_blind(self) -> bool:
        return self.standing is not None and self.standing.blind


def get_correction_page(correction: Correction) -> CorrectionPage:
    """``correction`` comes from ``get_correction``. The number of queries does not grow with the turns."""
    source = correction.follows.trajectory if correction.follows_id else correction.item.trajectory
    branch = get_branch(trajectory_id=get_source_id(correction), leaf_seq=correction.turn_seq)
    *before, original = hide_model(get_blocks(branch), correction.turn_number)
    models = tuple(list_chat_models()) if correction.state == Correction.State.DRAFT else ()
    rerun = get_walkthrough(_session(correction)) if correction.trajectory_id else None
    return CorrectionPage(
        correction=correction,
        case=correction.item.trajectory.case,
        standing=get_standing(reviewer=correction.reviewer, item=correction.item),
        blocks=tuple(before),
        original=Turn.from_dict(branch[-1].content["turn"]),
        # The corrected turn stands on the same page under the number that both have.
        original_block=replace(original, id=f"original-{original.id}"),
        last=correction.turn_number == source.settings["environment"]["horizon"] + FIRST_TURN - 1,
        model=_same_model(branch[-1], models),
        models=models,
        rerun=rerun,
        rerun_blocks=_from_turn(rerun, correction.turn_number) if rerun else (),
    )


def _session(correction: Correction) -> Session:
    session = correction.trajectory.session
    session.case = correction.item.trajectory.case
    session.trajectory = correction.trajectory
    return session


def _same_model(node: TrajectoryNode, models: tuple[ChatModelChoice, ...]) -> ChatModelChoice | None:
    """A run names a policy as it is; a walkthrough also says who serves it."""
    wrote = node.content["model"]
    return next((model for model in models if model.key in (wrote, f"policy:{wrote}")), None)


def _from_turn(rerun: Walkthrough, number: int) -> tuple[Block, ...]:
    return tuple(block for block in rerun.blocks if _number(block) >= number)


def _number(block: Block) -> int:
    if isinstance(block, ResultsBlock):
        return int(block.id[1:])
    return getattr(block, "number", 0)
