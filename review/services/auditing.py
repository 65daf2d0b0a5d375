"""The audit log. Write to it last: from there to the end of the transaction nobody else can."""

from typing import Any

from django.db.models import Model
from django.utils import timezone

from review.models import AuditEntry


def write_audit(*, by: Any, verb: str, subject: Model, **detail: Any) -> None:
    """``by`` None: the program itself. ``detail``: ids, counts and reasons, never what a reviewer wrote."""
    AuditEntry.objects.create(
        at=timezone.now(), by=by, verb=verb, subject=f"{subject._meta.model_name}:{subject.pk}", detail=detail
    )
