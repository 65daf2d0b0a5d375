"""What reviewers have said, through the services that their pages use."""

from collections.abc import Sequence

from diagnosis.models import Case, Session
from diagnosis.services import import_cases
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases
from review.models import Correction, Pair, PairDraft, Reviewer, ReviewItem
from review.rules import Labels, PairAnswer, TrajectoryLabel, TurnLabel
from review.selectors.adjudicating import get_disagreement
from review.services.adjudicating import adjudicate_item
from review.services.claiming import claim_item
from review.services.pair_claiming import claim_pair
from review.services.preferring import submit_preference
from review.services.rerunning import accept_correction
from tests.diagnosis.factories import DIAGNOSE, take_turn
from tests.review import corrections, factories, pairs


def teaching_case(place: int) -> Case:
    case = load_teaching_cases()[place]
    import_cases(rows=[CaseRow(1, case)])
    return Case.objects.get(slug=case.id, is_current=True)


def make_judged(reviewers: Sequence[Reviewer], labels: Sequence[int | None], *, turns: int = 3, **values) -> ReviewItem:
    """An item that each of the reviewers has judged: one label for all turns from each."""
    case = values.pop("case", None)
    values.setdefault("required", len(reviewers))
    item = factories.make_item(factories.make_trajectory(turns, case), priority=99, **values)
    for reviewer, label in zip(reviewers, labels, strict=True):
        claim(reviewer, item)
        factories.judge(reviewer, item, label)
    item.refresh_from_db()
    return item


def claim(reviewer: Reviewer, item: ReviewItem) -> None:
    assert claim_item(user=reviewer.user).item == item


def make_gold(reviewer: Reviewer, right: int, wrong: int) -> None:
    """One gold item of so many turns for this reviewer, who says +1 to all; so many of the references say −1."""
    count = right + wrong
    reference = Labels(
        turns={number: TurnLabel(label=1 if number < right + 2 else -1) for number in range(2, count + 2)},
        trajectory=TrajectoryLabel(),
    )
    item = factories.make_item(
        factories.make_trajectory(count), kind=ReviewItem.Kind.GOLD, reference=reference.to_dict()
    )
    reviewer.refresh_from_db()
    claim(reviewer, item)
    factories.judge(reviewer, item, 1)


def adjudicate(item: ReviewItem, reviewer: Reviewer) -> None:
    """Somebody decides for what this reviewer said."""
    by = factories.make_role(factories.ADJUDICATOR)
    found = get_disagreement(user=by, item_id=item.pk)
    letter = next(judge.letter for judge in found.judges if judge.annotation.reviewer_id == reviewer.pk)
    adjudicate_item(by=by, item=item, letter=letter, cause="SLIP", stamp=found.stamp)


def make_compared(reviewers: Sequence[Reviewer], choices: Sequence[str], **values) -> Pair:
    pair = pairs.make_siblings(required=len(reviewers), priority=99, **values)
    for reviewer, choice in zip(reviewers, choices, strict=True):
        assert claim_pair(user=reviewer.user).pair == pair
        draft = PairDraft.objects.get(pair=pair, reviewer=reviewer)
        submit_preference(reviewer=reviewer, pair=pair, revision=draft.revision, answer=PairAnswer(choice=choice))
    return pair


def make_corrected(reviewer: Reviewer) -> Correction:
    """The second turn of a work-up put right, gone on from by a model, and accepted."""
    item = factories.make_item(factories.make_trajectory(3), priority=99)
    correction = corrections.run(corrections.begin(reviewer, item))
    session = Session.objects.get(trajectory=correction.trajectory_id)
    take_turn(session)
    take_turn(session, DIAGNOSE)
    correction.refresh_from_db()
    return accept_correction(reviewer=reviewer, correction=correction)
