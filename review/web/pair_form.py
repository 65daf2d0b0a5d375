"""An answer to a pair as the browser sends it, and what two windows differ in. The page calls the sides A and B."""

from typing import Any

from django.http import QueryDict

from review.models import PairDraft
from review.models.pair import Side
from review.rules import PairAnswer, RubricContent
from review.rules.labels import clean_text
from review.web.merging import Difference, pick
from review.web.words import describe

A, B, TIE, BOTH_BAD = "A", "B", "TIE", "BOTH_BAD"
WORDS = {A: "A is better", B: "B is better", TIE: "No difference", BOTH_BAD: "Both bad"}
FIELDS = {"choice": "Answer", "reasons": "What is wrong", "confidence": "How sure", "comment": "Comment"}


def read_answer(post: QueryDict, draft: PairDraft, content: RubricContent) -> PairAnswer:
    """Not checked: what does not fit must come back to the page as it was sent."""
    ticked = set(post.getlist("reasons"))
    sure = {str(level.value): level.value for level in content.confidence}
    return PairAnswer(
        choice=side_of(draft.left, post.get("choice", "")),
        reasons=tuple(error.id for error in content.errors if error.id in ticked),
        comment=clean_text(post.get("comment", "")),
        confidence=sure.get(post.get("confidence", "")),
    )


def unpressed(draft: PairDraft, answer: PairAnswer) -> PairAnswer:
    """What is written beside the buttons, of which none was pressed: an earlier answer stays."""
    return answer.model_copy(update={"choice": draft.answer.get("choice")})


def side_of(left: str, letter: str) -> Any:
    """What a letter of the page stands for; None for what is none."""
    if letter in (TIE, BOTH_BAD):
        return letter
    if letter not in (A, B):
        return None
    other = Side.SECOND if left == Side.FIRST else Side.FIRST
    return str(left if letter == A else other.value)


def letter_of(left: str, choice: str | None) -> str:
    """The other way round; empty for no choice."""
    return next((letter for letter in WORDS if choice is not None and side_of(left, letter) == choice), "")


def list_pair_differences(draft: PairDraft, sent: PairAnswer) -> list[Difference]:
    """Sent (``mine``) beside stored (``theirs``)."""
    content = draft.pair.rubric_version.read()
    stored = PairAnswer.model_validate(draft.answer)

    def say(answer: PairAnswer, field: str) -> str:
        if field == "choice":
            return WORDS.get(letter_of(draft.left, answer.choice), "No answer yet")
        return describe(content, "errors" if field == "reasons" else field, getattr(answer, field))

    return [
        Difference(
            name=f"pick-pair-{field}",
            title=title,
            mine=say(sent, field),
            theirs=say(stored, field),
            both=field == "comment" and bool(sent.comment and stored.comment),
        )
        for field, title in FIELDS.items()
        if getattr(sent, field) != getattr(stored, field)
    ]


def merge_answer(draft: PairDraft, sent: PairAnswer, post: QueryDict) -> PairAnswer:
    """What was sent, with what was chosen of the stored one."""
    return pick("pair", sent, PairAnswer.model_validate(draft.answer), FIELDS, post)
