"""What is to be judged: branches of trajectories, each once for each source that it came from."""

from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction

from diagnosis.models import Trajectory
from diagnosis.selectors.branch import TURN, get_branch
from review.models import Reservation, ReviewItem, RubricVersion
from review.rules import Labels, LabelsError, read_labels
from review.services.auditing import write_audit
from review.services.errors import ItemRefused
from review.services.holding import draw_of, retire
from review.services.rubrics import ensure_rubric

Kind, Source = ReviewItem.Kind, ReviewItem.Source


def add_item(
    *,
    trajectory: Trajectory,
    leaf_seq: int,
    source: str,
    reason: str,
    priority: int = 0,
    by: Any = None,
    required: int = 1,
    specialty: str = "",
    triage: float = 0.0,
    kind: str = Kind.REAL,
    reference: dict[str, Any] | None = None,
    rubric_version: RubricVersion | None = None,
) -> ReviewItem:
    """An open item for the branch that ends at ``leaf_seq``; the one that is there when this source added it before.

    ``triage`` orders items of one priority, higher first, and ``reason`` says in words why the item is here. A GOLD or
    TRAINING item has a ``reference``: labels as :class:`review.rules.Labels`. Raises :class:`ItemRefused`.
    """
    same = {"trajectory": trajectory, "leaf_seq": leaf_seq, "source": Source(source)}
    found = ReviewItem.objects.filter(**same).first()
    if found is not None:
        return found
    version = rubric_version or ensure_rubric()
    numbers = _turn_numbers(trajectory, leaf_seq)
    item = ReviewItem(
        pk=uuid4(),
        **same,
        turn_numbers=numbers,
        kind=Kind(kind),
        rubric_version=version,
        required=required,
        specialty=specialty,
        priority=priority,
        triage=triage,
        reason=reason,
        reference=_check_reference(kind, reference, version, numbers),
    )
    item.draw = draw_of(item.pk)
    try:
        with transaction.atomic():
            item.save(force_insert=True)
            write_audit(by=by, verb="add_item", subject=item, source=item.source, reason=reason)
    except IntegrityError:
        # Somebody added the same at the same moment.
        found = ReviewItem.objects.filter(**same).first()
        if found is None:
            raise
        return found
    return item


def retire_item(*, item: ReviewItem, reason: str, by: Any = None) -> None:
    """Not served any more, and taken from whoever has it; their drafts stay. Raises :class:`ItemRefused`."""
    with transaction.atomic():
        retire(item, Reservation.objects.filter(item=item), reason=reason, by=by, word="item")


def _turn_numbers(trajectory: Trajectory, leaf_seq: int) -> list[int]:
    try:
        branch = get_branch(trajectory_id=trajectory.pk, leaf_seq=leaf_seq)
    except KeyError:
        raise ItemRefused(f"This trajectory has no node {leaf_seq}.") from None
    numbers = [node.content["number"] for node in branch if node.kind == TURN]
    if not numbers:
        raise ItemRefused("There is no turn to judge on this branch yet.")
    return numbers


def _check_reference(
    kind: str, reference: dict[str, Any] | None, version: RubricVersion, numbers: list[int]
) -> dict[str, Any] | None:
    if (kind == Kind.REAL) != (reference is None):
        raise ItemRefused("Gold and training items have a reference answer; others have none.")
    if reference is None:
        return None
    try:
        labels: Labels = read_labels(reference, version.read(), numbers)
    except LabelsError as fault:
        raise ItemRefused(str(fault)) from fault
    if not any(turn.label is not None for turn in labels.turns.values()):
        raise ItemRefused("A reference answer labels at least one turn.")
    return labels.to_dict()
