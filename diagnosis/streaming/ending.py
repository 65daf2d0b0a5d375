"""The last entry of a stream. Written after commit: who reads it finds the turn in PostgreSQL."""

from uuid import UUID

import structlog

from diagnosis.streaming.client import FAULTS, get_client
from diagnosis.streaming.keys import stream_key
from diagnosis.streaming.wire import FIELD, end_frame

log = structlog.get_logger(__name__)


def append_end(
    url: str, *, job_id: UUID | str, attempt: int, state: str, next_job: UUID | str | None, ttl_seconds: int
) -> None:
    """Tell the readers of this attempt that it is over. A Redis fault is logged: they learn it from PostgreSQL."""
    key = stream_key(job_id, attempt)
    try:
        with get_client(url).pipeline(transaction=False) as pipe:
            pipe.xadd(key, {FIELD: end_frame(state, str(next_job) if next_job else None)})
            pipe.expire(key, ttl_seconds)
            pipe.execute()
    except FAULTS as error:
        log.warning("stream_end_not_written", job=str(job_id), attempt=attempt, error=str(error))
