"""Deciding between reviewers: one of their judgements counts, or one that the adjudicator writes."""

from typing import Any

from django.db import transaction

from review.models import Adjudication, Annotation, ReviewItem
from review.models.annotation import Pass
from review.models.queue import Draw
from review.rules import Labels, LabelsError, find_trajectory_gaps, find_turn_gaps, read_labels
from review.rules.labels import COMMENT_LIMIT, clean_text
from review.selectors.adjudicating import LEAST_JUDGEMENTS, list_judges, stamp_of
from review.services.auditing import write_audit
from review.services.errors import AdjudicationRefused, StaleAdjudication
from review.services.reviewers import ensure_reviewer

EARLY = "This item does not have all its judgements yet, or was retired; there is nothing to decide."
OWN = "You judged this item yourself, so somebody else decides."
STALE = "Somebody judged or decided this item meanwhile. Nothing of yours was stored: look again, then decide."


def adjudicate_item(*, by: Any, item: ReviewItem, letter: str, cause: str, stamp: str, note: str = "") -> Adjudication:
    """The judgement of the reviewer with this letter is the one that counts.

    ``stamp`` is what the adjudicator had before them, as :class:`review.selectors.adjudicating.Disagreement` says it.
    Raises :class:`StaleAdjudication`, :class:`AdjudicationRefused`.
    """
    with transaction.atomic():
        before = _begin(by, item, stamp)
        chosen = next((judge.annotation for judge in list_judges(item) if judge.letter == letter), None)
        if chosen is None:
            raise AdjudicationRefused("Choose whose judgement counts, or write your own.")
        return _decide(by, item, before, chosen, cause, note)


def write_own(*, by: Any, item: ReviewItem, labels: Labels, cause: str, stamp: str, note: str = "") -> Adjudication:
    """None of the judgements counts but this one, which is kept as the adjudicator's annotation (stage THIRD).

    Raises as :func:`adjudicate_item`, with a sentence for each thing that is missing.
    """
    with transaction.atomic():
        before = _begin(by, item, stamp)
        checked = _check(item, labels)
        reviewer = ensure_reviewer(user=by)
        last = Annotation.objects.filter(item=item, reviewer=reviewer).order_by("-revision").first()
        own = Annotation.objects.create(
            item=item,
            reviewer=reviewer,
            revision=last.revision + 1 if last else 1,
            supersedes=last,
            stage=Pass.THIRD,
            rubric_version_id=item.rubric_version_id,
            labels=checked.to_dict(),
            drawn=Draw.ASSIGNED,
            seconds=0.0,
        )
        return _decide(by, item, before, own, cause, note)


def _begin(by: Any, item: ReviewItem, stamp: str) -> Adjudication | None:
    """Lock the item, and find the decision that counts so far."""
    locked = ReviewItem.objects.select_for_update().get(pk=item.pk)
    if locked.state != ReviewItem.State.DONE or locked.done_count < LEAST_JUDGEMENTS or locked.kind != "REAL":
        raise AdjudicationRefused(EARLY)
    if Annotation.objects.filter(item=item, reviewer__user=by).exclude(stage=Pass.THIRD).exists():
        raise AdjudicationRefused(OWN)
    before = Adjudication.objects.filter(item=item, superseded_by__isnull=True).first()
    if stamp_of(list_judges(item), before) != stamp:
        raise StaleAdjudication(STALE)
    return before


def _decide(
    by: Any, item: ReviewItem, before: Adjudication | None, annotation: Annotation, cause: str, note: str
) -> Adjudication:
    note = clean_text(note).strip()
    if cause not in Adjudication.Cause.values:
        raise AdjudicationRefused("Choose why they disagreed.")
    if len(note) > COMMENT_LIMIT:
        raise AdjudicationRefused(f"The note has {len(note):,} characters; at most {COMMENT_LIMIT:,} fit. Shorten it.")
    made = Adjudication.objects.create(
        item=item,
        revision=before.revision + 1 if before else 1,
        supersedes=before,
        annotation=annotation,
        by=by,
        cause=cause,
        note=note,
    )
    write_audit(by=by, verb="adjudicate", subject=item, annotation=annotation.pk, cause=cause, revision=made.revision)
    return made


def _check(item: ReviewItem, labels: Labels) -> Labels:
    content = item.rubric_version.read()
    try:
        checked = read_labels(labels.to_dict(), content, item.turn_numbers)
    except LabelsError as fault:
        raise AdjudicationRefused(str(fault)) from fault
    missing = [
        f"Turn {number - 1}: {gap.sentence}"
        for number in item.turn_numbers
        for gap in find_turn_gaps(content, checked, number)
    ]
    missing += [gap.sentence for gap in find_trajectory_gaps(content, checked)]
    if missing:
        raise AdjudicationRefused(" ".join(missing))
    return checked
