"""The event stream of one job. Wire format: ``diagnosis.streaming.wire``.

``stream_app`` is an ASGI application that ``medaction_site.asgi`` puts before Django: a stream needs a login and an
owner, but none of the pages' middleware, which costs more than the rest of opening a stream. ``job_stream`` gives the
address its place in the URLconf, and serves it where only Django runs (its test client, ``runserver``).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import import_module
from io import BytesIO
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
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

HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
NOT_SIGNED_IN = "Sign in to follow this answer.\n"
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


@require_GET
async def job_stream(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Resumed from ``Last-Event-ID`` or ``?after=``. 403 without a login, 404 for another person's job."""
    allowed = await sync_to_async(_admit)(request, job_id)
    if allowed is None:
        return HttpResponseForbidden(NOT_SIGNED_IN, content_type="text/plain")
    return StreamingHttpResponse(_events(*allowed, _position(request)), headers=HEADERS)


async def stream_app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The same over ASGI; ``scope["url_route"]`` holds ``job_id``."""
    if scope["method"] != "GET":
        await _refuse(send, 405, "Only GET is allowed.\n")
        return
    request = ASGIRequest(scope, BytesIO())
    try:
        allowed = await sync_to_async(_sign_in_and_admit, thread_sensitive=False)(
            request, scope["url_route"]["kwargs"]["job_id"]
        )
    except Http404:
        await _refuse(send, 404, "There is no such answer.\n")
        return
    if allowed is None:
        await _refuse(send, 403, NOT_SIGNED_IN)
        return
    await _start(send, 200, HEADERS)
    streaming = asyncio.ensure_future(_send_events(send, _events(*allowed, _position(request))))
    leaving = asyncio.ensure_future(_wait_for_leave(receive))
    try:
        await asyncio.wait({streaming, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        streaming.cancel()
        leaving.cancel()
        await asyncio.gather(streaming, leaving, return_exceptions=True)


def _sign_in_and_admit(request: ASGIRequest, job_id: UUID) -> tuple[Ticket, JobStatus] | None:
    """What the session and authentication middleware do, without their way back."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    try:
        request.user = get_user(request)
        return _admit(request, job_id)
    finally:
        connection.close()


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


def _position(request: HttpRequest) -> wire.Position | None:
    return wire.parse_position(request.headers.get("Last-Event-ID") or request.GET.get("after"))


async def _events(ticket: Ticket, status: JobStatus, after: wire.Position | None) -> AsyncIterator[bytes]:
    watch = get_watch()
    yield wire.OPENING
    async with watch.hub.subscribe(status, after) as subscription:
        with watch.guard.watch(ticket, subscription.close):
            while frames := await subscription.take():
                yield frames


async def _send_events(send: Send, events: AsyncIterator[bytes]) -> None:
    async for frames in events:
        await send({"type": "http.response.body", "body": frames, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_for_leave(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int, text: str) -> None:
    await _start(send, status, {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"})
    await send({"type": "http.response.body", "body": text.encode(), "more_body": False})


async def _start(send: Send, status: int, headers: dict[str, str]) -> None:
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
