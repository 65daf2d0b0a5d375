"""Stop. A wish recorded at once; the worker, or the sweeper where there is none, carries it out."""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from diagnosis.models import GenerationJob
from diagnosis.services.announcing import announce_end, announce_session
from diagnosis.services.locking import lock_session
from diagnosis.streaming.cancel import request_cancel

State = GenerationJob.State


def cancel_job(*, job: GenerationJob, reason: str = "") -> GenerationJob:
    """Stop the job; asking again changes nothing. Returns the job that was stopped.

    A waiting job ends at once. If the turn has just succeeded and Watch has queued the next one, the wish to stop
    concerns that one. A job that failed or was stopped stays as it is. ``reason``: a sentence for the page, when it was
    not the reader who stopped it.
    """
    with transaction.atomic():
        session = lock_session(job.session_id)
        current = GenerationJob.objects.select_for_update().get(pk=job.pk)
        if current.state == State.SUCCEEDED:
            following = GenerationJob.objects.select_for_update().filter(
                session=session, state__in=(State.QUEUED, State.RUNNING)
            )
            current = following.first() or current
        if current.state == State.QUEUED:
            stream_attempt = current.attempt + 1
            current.state = State.CANCELLED
            current.cancel_requested_at = current.finished_at = timezone.now()
            current.error_message = reason
            current.save(update_fields=["state", "cancel_requested_at", "finished_at", "error_message"])
            announce_end(current, session, attempt=stream_attempt)
        elif current.state == State.RUNNING and current.cancel_requested_at is None:
            current.cancel_requested_at = timezone.now()
            current.error_message = reason
            current.save(update_fields=["cancel_requested_at", "error_message"])
            transaction.on_commit(partial(request_cancel, settings.REDIS_URL, current.pk))
            announce_session(session)
        return current
