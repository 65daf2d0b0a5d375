"""What one reviewer says about a pair. ``PairAnswer.model_json_schema()`` is the JSON Schema of what is stored."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from .checking import Gap
from .content import RubricContent
from .labels import COMMENT_LIMIT


class PairAnswer(BaseModel):
    """``choice`` None: not chosen yet. ``reasons`` are errors of the rubric, in what was not preferred."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    choice: Literal["FIRST", "SECOND", "TIE", "BOTH_BAD"] | None = None
    reasons: tuple[str, ...] = ()
    comment: str = ""
    confidence: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def find_misfits(answer: PairAnswer, content: RubricContent) -> list[Gap]:
    """What cannot be kept, whether or not the answer is complete."""
    known = {error.id for error in content.errors}
    gaps = [Gap("reasons", f"The rubric knows no error {each}.") for each in answer.reasons if each not in known]
    if answer.confidence is not None and answer.confidence not in {level.value for level in content.confidence}:
        gaps.append(Gap("confidence", f"The rubric knows no confidence {answer.confidence}."))
    if len(answer.comment) > COMMENT_LIMIT:
        gaps.append(
            Gap(
                "comment",
                f"This text has {len(answer.comment):,} characters; at most {COMMENT_LIMIT:,} fit. Shorten it. Nothing "
                "was lost: it is still in the box, and it is saved as soon as it fits.",
            )
        )
    return gaps


def find_pair_gaps(answer: PairAnswer, content: RubricContent) -> list[Gap]:
    """What is missing before the answer counts."""
    gaps = []
    if answer.choice is None:
        gaps.append(Gap("choice", "Say which one you prefer, that you see no difference, or that both are bad."))
    if content.confidence and content.confidence_required and answer.confidence is None:
        gaps.append(Gap("confidence", "Say how sure you are."))
    return gaps
