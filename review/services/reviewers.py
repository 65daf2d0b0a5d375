"""Who judges: made when they first come, qualified by training."""

import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from review.models import Reviewer
from review.selectors.training import get_training
from review.services.auditing import write_audit

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
State = Reviewer.State


def ensure_reviewer(*, user: Any) -> Reviewer:
    """This person's profile, under an alias that says nothing about them."""
    found = Reviewer.objects.filter(user=user).first()
    if found is not None:
        return found
    alias = "R-" + "".join(secrets.choice(LETTERS) for _ in range(6))
    return Reviewer.objects.get_or_create(user=user, defaults={"alias": alias})[0]


def judge_training(*, reviewer: Reviewer) -> bool:
    """TRAINING → QUALIFIED once enough of it agrees. Whether they are qualified now. The caller locks the reviewer."""
    if reviewer.state == State.TRAINING and (training := get_training(reviewer)).passed:
        _qualify(reviewer, by=None, items=training.done, agreed=training.share)
    return reviewer.state == State.QUALIFIED


def qualify_reviewer(*, reviewer: Reviewer, by: Any) -> None:
    """By a person's decision, whatever the training says; also ends a pause."""
    with transaction.atomic():
        _qualify(Reviewer.objects.select_for_update().get(pk=reviewer.pk), by=by)


def pause_reviewer(*, reviewer: Reviewer, by: Any) -> None:
    """They get no further items; what they have before them they may finish."""
    with transaction.atomic():
        Reviewer.objects.filter(pk=reviewer.pk).update(state=State.PAUSED)
        write_audit(by=by, verb="pause_reviewer", subject=reviewer)


def _qualify(reviewer: Reviewer, *, by: Any, **detail: Any) -> None:
    reviewer.state = State.QUALIFIED
    reviewer.qualified_at = reviewer.qualified_at or timezone.now()
    reviewer.save(update_fields=["state", "qualified_at"])
    write_audit(by=by, verb="qualify_reviewer", subject=reviewer, **detail)
