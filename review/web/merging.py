"""Two windows wrote about the same turn: what differs, and what is taken of each."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from review.models import Draft
from review.rules import Labels, RubricContent
from review.web.sheet import WHOLE, Sheet
from review.web.words import describe

TURN_FIELDS = {
    "label": "Label",
    "inherited": "Inherits an error",
    "errors": "What is wrong",
    "harm": "Harm",
    "confidence": "How sure",
    "hard": "Why it is hard",
    "answers": "Answers",
    "comment": "Comment",
}
WHOLE_FIELDS = {"answers": "Answers", "comment": "Comment"}


@dataclass(frozen=True, slots=True)
class Difference:
    """``name`` is that of the choice in the form; ``both`` can be kept of texts."""

    name: str
    title: str
    mine: str
    theirs: str
    both: bool


def list_differences(draft: Draft, sheet: Sheet) -> list[Difference]:
    """Sent (``mine``) beside stored (``theirs``)."""
    content = draft.item.rubric_version.read()
    stored = Labels.model_validate(draft.labels)
    found = [
        difference
        for number, mine in sorted(sheet.turns.items())
        for difference in _compare(f"t{number}", f"Turn {number - 1}", mine, stored.of(number), TURN_FIELDS, content)
    ]
    if sheet.trajectory is not None:
        found += _compare(WHOLE, "Whole work-up", sheet.trajectory, stored.trajectory, WHOLE_FIELDS, content)
    return found


def merge_sheet(draft: Draft, sheet: Sheet, post: QueryDict) -> Sheet:
    """The sheet with what was chosen of the stored one."""
    stored = Labels.model_validate(draft.labels)
    turns = {
        number: pick(f"t{number}", mine, stored.of(number), TURN_FIELDS, post) for number, mine in sheet.turns.items()
    }
    whole = sheet.trajectory and pick(WHOLE, sheet.trajectory, stored.trajectory, WHOLE_FIELDS, post)
    return Sheet(turns, whole, sheet.faults)


def _compare(
    prefix: str, title: str, mine: Any, theirs: Any, fields: dict[str, str], content: RubricContent
) -> list[Difference]:
    return [
        Difference(
            name=f"pick-{prefix}-{field}",
            title=f"{title}: {words}",
            mine=describe(content, field, getattr(mine, field)),
            theirs=describe(content, field, getattr(theirs, field)),
            both=field == "comment" and bool(mine.comment and theirs.comment),
        )
        for field, words in fields.items()
        if getattr(mine, field) != getattr(theirs, field)
    ]


def pick(prefix: str, mine: Any, theirs: Any, fields: dict[str, str], post: QueryDict) -> Any:
    """``mine`` with those of its fields taken from ``theirs`` for which the form says so."""
    taken = {}
    for field in fields:
        chosen = post.get(f"pick-{prefix}-{field}")
        if chosen == "theirs":
            taken[field] = getattr(theirs, field)
        elif chosen == "both":
            taken[field] = f"{theirs.comment}\n\n{mine.comment}"
    return mine.model_copy(update=taken)
