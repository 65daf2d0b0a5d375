"""The wish to stop, on the fast way. The slow and sure way is the flag in PostgreSQL, read with every heartbeat."""

from collections.abc import Sequence
from uuid import UUID

import redis.asyncio
import structlog

from diagnosis.streaming.client import FAULTS, get_client
from diagnosis.streaming.keys import cancel_key

log = structlog.get_logger(__name__)
KEEP_SECONDS = 600


def request_cancel(url: str, job_id: UUID | str) -> None:
    """Let the worker that runs this job see at once that it should stop. A Redis fault is only logged."""
    try:
        get_client(url).set(cancel_key(job_id), "1", ex=KEEP_SECONDS)
    except FAULTS as error:
        log.warning("cancel_not_signalled", job=str(job_id), error=str(error))


async def list_cancelled(client: redis.asyncio.Redis, job_ids: Sequence[str]) -> list[str]:
    """Those of the jobs that someone wants stopped. Raises what ``FAULTS`` names."""
    flags = await client.mget([cancel_key(job_id) for job_id in job_ids])
    return [job_id for job_id, flag in zip(job_ids, flags, strict=True) if flag is not None]
