"""The event stream of one job. Wire format: ``diagnosis.streaming.wire``."""

from collections.abc import AsyncIterator
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, StreamingHttpResponse
from django.views.decorators.http import require_GET

from diagnosis.models import GenerationJob
from diagnosis.selectors.job_status import list_job_statuses
from diagnosis.selectors.sessions import get_job
from diagnosis.streaming import wire
from diagnosis.streaming.status import JobStatus
from diagnosis.web.guard import Ticket
from diagnosis.web.hub import get_watch


@require_GET
async def job_stream(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """``text/event-stream``, resumed from ``Last-Event-ID`` or ``?after=``. 403 without a login, 404 for another's."""
    allowed = await sync_to_async(_admit)(request, job_id)
    if allowed is None:
        return HttpResponseForbidden("Sign in to follow this answer.\n", content_type="text/plain")
    ticket, status = allowed
    after = wire.parse_position(request.headers.get("Last-Event-ID") or request.GET.get("after"))
    return StreamingHttpResponse(
        _events(ticket, status, after),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _admit(request: HttpRequest, job_id: UUID) -> tuple[Ticket, JobStatus] | None:
    """The only use of the database before the stream begins; its connection goes back to the pool here."""
    try:
        user = request.user
        if not user.is_authenticated:
            return None
        try:
            get_job(owner=user, job_id=job_id)
        except GenerationJob.DoesNotExist:
            raise Http404 from None
        status = list_job_statuses([job_id])[str(job_id)]
        return Ticket(request.session.session_key, user.pk, user.password), status
    finally:
        connection.close()


async def _events(ticket: Ticket, status: JobStatus, after: wire.Position | None) -> AsyncIterator[bytes]:
    watch = get_watch()
    yield wire.OPENING
    async with watch.hub.subscribe(status, after) as subscription:
        with watch.guard.watch(ticket, subscription.close):
            while frames := await subscription.take():
                yield frames
