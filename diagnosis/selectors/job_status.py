"""What open streams ask of PostgreSQL, for many jobs in two queries."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber

from diagnosis.models import GenerationJob
from diagnosis.streaming.status import JobStatus

State = GenerationJob.State


def list_job_statuses(job_ids: Iterable[UUID | str]) -> dict[str, JobStatus]:
    """By job id as text; a job that does not exist is left out."""
    newer = GenerationJob.objects.filter(session=OuterRef("session"), queued_at__gt=OuterRef("queued_at"))
    rows = list(
        GenerationJob.objects.filter(pk__in=list(job_ids))
        .annotate(newer=Subquery(newer.order_by("-queued_at").values("pk")[:1]))
        .values_list("pk", "state", "attempt", "newer")
    )
    places: dict[UUID, int] = {}
    if any(state == State.QUEUED for _, state, _, _ in rows):
        order = Window(RowNumber(), order_by=[F("queued_at").asc(), F("pk").asc()])
        waiting = GenerationJob.objects.filter(state=State.QUEUED).annotate(place=order).values_list("pk", "place")
        places = dict(waiting)
    return {
        str(pk): JobStatus(
            job_id=str(pk),
            state=state,
            attempt=attempt,
            position=places[pk] - 1 if state == State.QUEUED and pk in places else None,
            next_job=str(newer_pk) if newer_pk else None,
        )
        for pk, state, attempt, newer_pk in rows
    }
