"""What the buttons of the page do: save what was written, then go on."""

from collections.abc import Callable

from review.models import Draft
from review.models.annotation import Pass
from review.services.claiming import release_item
from review.services.drafting import save_draft
from review.services.errors import DraftRefused
from review.services.judging import finish_first_pass, judge_turn, reopen_turn, submit_judgement
from review.web.sheet import Sheet


def _stay(**_: object) -> None:
    """Saving is all."""


def _release(*, reviewer, item, revision: int) -> None:
    release_item(reviewer=reviewer, item=item)


STEPS: dict[str, Callable[..., object]] = {
    "save": _stay,
    "judge": judge_turn,
    "back": reopen_turn,
    "finish": finish_first_pass,
    "submit": submit_judgement,
    "release": _release,
    "skip": _stay,
    "correct": _stay,
}


def take_step(name: str, draft: Draft, revision: str, sheet: Sheet) -> str:
    """The step that was taken. ``revision``: the one that the page was made from. Raises as the services do."""
    if name not in STEPS or not revision.isdigit():
        raise DraftRefused("The form was not complete. Reload the page and send it again.")
    who = {"reviewer": draft.reviewer, "item": draft.item}
    saved = save_draft(**who, revision=int(revision), turns=sheet.turns, trajectory=sheet.trajectory)
    if _is_done(name, saved, sheet):
        return "save"
    STEPS[name](**who, revision=saved.revision)
    return name


def _is_done(name: str, draft: Draft, sheet: Sheet) -> bool:
    """Pressed twice: the first press has gone on already."""
    numbers = draft.item.turn_numbers
    current = numbers[draft.position] if draft.position < len(numbers) else None
    return (name == "judge" and current not in sheet.turns) or (name == "finish" and draft.stage == Pass.SECOND)
