"""Taking a piece of work, keeping it, ending it: the same for all kinds. Attempt numbers only rise and fence."""

from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Model
from django.db.models.functions import Now

from datasets.dispatch import dispatch_work
from datasets.models import Work

State = Work.State
Piece = TypeVar("Piece", bound=Work)


def claim_work(*, model: type[Piece], work_id: UUID | str, worker: str) -> Piece | None:
    """QUEUED → RUNNING, attempt + 1, with a lease. None when it does not wait (any more). Inside a transaction."""
    claimed = model.objects.filter(pk=work_id, state=State.QUEUED).update(
        state=State.RUNNING,
        attempt=F("attempt") + 1,
        tries=F("tries") + 1,
        worker=worker,
        lease_expires_at=lease(),
        started_at=Now(),
    )
    return model.objects.get(pk=work_id) if claimed else None


def renew_lease(*, work: Work) -> bool:
    """Whether the attempt still holds it."""
    return bool(held(work).update(lease_expires_at=lease()))


def end_work(*, work: Work, state: str, error: str = "", **fields: Any) -> bool:
    """RUNNING → an end. False when another attempt holds it: nothing is changed. Inside a transaction."""
    values = {"state": state, "lease_expires_at": None, "finished_at": Now(), "error_message": error[:400], **fields}
    return bool(held(work).update(**values))


def release_work(*, work: Work) -> bool:
    """RUNNING → QUEUED: the worker is going away. It does not count as a try. Inside a transaction."""
    values = {"state": State.QUEUED, "lease_expires_at": None, "tries": F("tries") - 1}
    if not held(work).filter(tries__gt=0).update(**values) and not held(work).update(**{**values, "tries": 0}):
        return False
    put_before_workers(type(work), [work.pk])
    return True


def put_before_workers(model: type[Work], ids: list[UUID]) -> None:
    """Send the messages after commit."""
    model.objects.filter(pk__in=ids, state=State.QUEUED).update(dispatched_at=Now())
    for work_id in ids:
        transaction.on_commit(partial(dispatch_work, model, work_id))


def held(work: Work) -> Any:
    """The row, if this attempt still holds it."""
    model: type[Model] = type(work)
    return model.objects.filter(pk=work.pk, attempt=work.attempt, state=State.RUNNING)


def lease() -> Any:
    return Now() + timedelta(seconds=settings.DATASETS["LEASE_SECONDS"])
