"""What a web process holds once per event loop: the reader of streams and the guard, started when first needed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from diagnosis.selectors.job_status import list_job_statuses
from diagnosis.streaming.client import open_async_client
from diagnosis.streaming.reader import StreamHub
from diagnosis.streaming.status import JobStatus
from diagnosis.web.guard import Guard


@dataclass(frozen=True, slots=True)
class Watch:
    """``tasks`` are kept so that they are not collected."""

    hub: StreamHub
    guard: Guard
    tasks: tuple[asyncio.Task[None], ...]


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def get_watch() -> Watch:
    """The running loop's."""
    loop = asyncio.get_running_loop()
    watch = _watches.get(loop)
    if watch is None or any(task.done() for task in watch.tasks):
        hub = StreamHub(
            open_async_client(settings.REDIS_URL, connections=32),
            probe_jobs,
            quiet_seconds=settings.DIAGNOSIS["SSE_QUIET_SECONDS"],
            max_seconds=settings.DIAGNOSIS["SSE_MAX_SECONDS"],
        )
        guard = Guard()
        watch = Watch(hub, guard, (loop.create_task(hub.run()), loop.create_task(guard.run())))
        _watches[loop] = watch
    return watch


async def probe_jobs(job_ids: Sequence[str]) -> dict[str, JobStatus]:
    """What PostgreSQL says about these jobs; the connection goes back to the pool at once."""
    return await sync_to_async(_probe, thread_sensitive=False)(job_ids)


def _probe(job_ids: Sequence[str]) -> dict[str, JobStatus]:
    try:
        return list_job_statuses(job_ids)
    finally:
        connection.close()
