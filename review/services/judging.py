"""Going on in a trajectory: the next turn is shown when this one is judged, the truth when all are."""

from collections.abc import Callable

from django.db import transaction

from review.models import Annotation, Draft, Reviewer, ReviewItem
from review.models.annotation import Pass
from review.rules import Gap, Labels, find_trajectory_gaps, find_turn_gaps
from review.services.auditing import write_audit
from review.services.drafting import content_of, hold_claim, lock_draft, touch_draft
from review.services.errors import DraftRefused, Incomplete, StaleDraft
from review.services.hinting import show_hints
from review.services.reviewers import judge_training
from review.services.ticketing import open_tickets

FIRST_ERROR = "first_error"


def judge_turn(*, reviewer: Reviewer, item: ReviewItem, revision: int) -> Draft:
    """The turn in question is judged: show the next. Raises :class:`Incomplete` and what ``hold_claim`` raises.

    Where the rubric looks for the first error only, a wrong turn is the last that is asked about.
    """

    def step(draft: Draft, labels: Labels) -> None:
        numbers = item.turn_numbers
        if draft.stage != Pass.FIRST or draft.position >= len(numbers):
            raise DraftRefused("Every turn is judged already.")
        number = numbers[draft.position]
        _complete(draft, _turn_gaps(draft, labels, number))
        ends = content_of(draft).mode == FIRST_ERROR and labels.first_error == number
        draft.position = len(numbers) if ends else draft.position + 1
        draft.shown = max(draft.shown, draft.position)

    return _go(reviewer, item, revision, step)


def reopen_turn(*, reviewer: Reviewer, item: ReviewItem, revision: int) -> Draft:
    """Back to the turn before. What was shown meanwhile is remembered: a label changed now is marked as hindsight."""

    def step(draft: Draft, labels: Labels) -> None:
        if draft.stage != Pass.FIRST or draft.position == 0:
            raise DraftRefused("There is no turn before this one to go back to.")
        draft.position -= 1

    return _go(reviewer, item, revision, step)


def finish_first_pass(*, reviewer: Reviewer, item: ReviewItem, revision: int) -> Draft:
    """The blind judgement is stored for good, and the truth may be shown."""

    def step(draft: Draft, labels: Labels) -> None:
        if draft.stage != Pass.FIRST or draft.position < len(item.turn_numbers):
            raise DraftRefused("Judge every turn first.")
        _complete(draft, _whole_gaps(draft, labels))
        _store(draft, revision=1, supersedes=None)
        draft.stage = Pass.SECOND

    return _go(reviewer, item, revision, step)


def submit_judgement(*, reviewer: Reviewer, item: ReviewItem, revision: int) -> Annotation:
    """The second pass is stored, the draft is gone, the reviewer is done with the item."""
    stored: list[Annotation] = []

    def step(draft: Draft, labels: Labels) -> None:
        if draft.stage != Pass.SECOND:
            raise DraftRefused("The first pass is not finished yet.")
        gaps = [gap for number in item.turn_numbers for gap in _turn_gaps(draft, labels, number)]
        _complete(draft, gaps + _whole_gaps(draft, labels))
        first = Annotation.objects.get(item=item, reviewer=reviewer, revision=1)
        hold_claim(draft).delete()
        stored.append(_store(draft, revision=2, supersedes=first))

    _go(reviewer, item, revision, step)
    return stored[0]


def _go(reviewer: Reviewer, item: ReviewItem, revision: int, step: Callable[[Draft, Labels], None]) -> Draft:
    with transaction.atomic():
        # The reviewer first, as whoever claims takes its locks.
        locked = Reviewer.objects.select_for_update().get(pk=reviewer.pk)
        draft = lock_draft(reviewer=reviewer, item=item)
        if draft.revision != revision:
            raise StaleDraft(draft)
        hold_claim(draft)
        before = draft.stage
        step(draft, Labels.model_validate(draft.labels))
        done = Annotation.objects.filter(item=item, reviewer=reviewer, revision=2).exists()
        if done:
            draft.delete()
            judge_training(reviewer=locked)
        else:
            touch_draft(draft)
            draft.revision += 1
            draft.save()
            show_hints(draft)
        if done or draft.stage != before:
            write_audit(by=reviewer.user, verb="annotate", subject=item, stage=before)
    return draft


def _turn_gaps(draft: Draft, labels: Labels, number: int) -> list[Gap]:
    """Named as the page names its fields."""
    gaps = find_turn_gaps(content_of(draft), labels, number)
    return [Gap(f"t{number}-{gap.field}", f"Turn {number - 1}: {gap.sentence}") for gap in gaps]


def _whole_gaps(draft: Draft, labels: Labels) -> list[Gap]:
    return [Gap(f"all-{gap.field}", gap.sentence) for gap in find_trajectory_gaps(content_of(draft), labels)]


def _complete(draft: Draft, gaps: list[Gap]) -> None:
    if gaps:
        raise Incomplete(draft, gaps)


def _store(draft: Draft, *, revision: int, supersedes: Annotation | None) -> Annotation:
    touch_draft(draft)
    annotation = Annotation.objects.create(
        item_id=draft.item_id,
        reviewer_id=draft.reviewer_id,
        revision=revision,
        supersedes=supersedes,
        stage=draft.stage,
        rubric_version_id=draft.item.rubric_version_id,
        labels=draft.labels,
        drawn=draft.drawn,
        seconds=draft.seconds,
    )
    open_tickets(annotation=annotation)
    return annotation
