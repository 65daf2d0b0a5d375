"""A correction, as tests begin one."""

from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from review.models import Correction, Draft, Reviewer, ReviewItem
from review.rules import TurnLabel
from review.services.claiming import claim_item
from review.services.correcting import open_correction
from review.services.drafting import save_draft
from review.services.judging import judge_turn
from review.services.rerunning import run_correction
from tests.review import factories

WRONG = TurnLabel(label=-1, errors=("anchoring",), harm=1)
REASON = "The order answers nothing that matters."


def corrected(*tests: str, reasoning: str = "Fatigable weakness wants antibodies.") -> Turn:
    return Turn(
        reasoning=reasoning,
        differential=(Hypothesis("Myasthenia gravis", 0.6, ("o1.1",)), Hypothesis("Stroke", 0.2)),
        action=TestOrder(tests or ("Vital signs",)),
    )


def concluded() -> Turn:
    turn = corrected()
    return Turn(turn.reasoning, turn.differential, FinalDiagnosis("Myasthenia gravis"))


def judge_first(reviewer: Reviewer, item: ReviewItem, label: TurnLabel = WRONG) -> Draft:
    """The first turn is labelled and gone on from; the others are still hidden."""
    claim_item(user=reviewer.user)
    who = {"reviewer": reviewer, "item": item}
    draft = save_draft(**who, revision=Draft.objects.get(**who).revision, turns={2: label})
    return judge_turn(**who, revision=draft.revision)


def judge_blindly(reviewer: Reviewer, item: ReviewItem, label: int = -1) -> int:
    """The first pass is stored. Returns the revision of the draft."""
    claim_item(user=reviewer.user)
    return factories.judge_rest(reviewer, item, label)


def run(correction: Correction, turn: Turn | None = None, **values) -> Correction:
    fields = {"revision": correction.revision, "reason": REASON, "model_key": "scripted:walk"}
    return run_correction(
        reviewer=correction.reviewer, correction=correction, turn=turn or corrected(), **{**fields, **values}
    )


def begin(reviewer: Reviewer, item: ReviewItem, turn_number: int = 3) -> Correction:
    """The blind judgement is stored, and a turn is being corrected."""
    judge_blindly(reviewer, item)
    return open_correction(reviewer=reviewer, item=item, turn_number=turn_number)
