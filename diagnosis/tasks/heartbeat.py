"""The pulse of a worker process: leases, checkpoints and wishes to stop, for all running turns together."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection

from diagnosis.services import Held, Progress, checkpoint_jobs
from diagnosis.streaming.cancel import list_cancelled
from diagnosis.streaming.client import FAULTS
from diagnosis.streaming.presence import show_presence
from diagnosis.tasks.running import Ending, RunningTurn

log = structlog.get_logger(__name__)


class Heartbeat:
    """``run`` is one task. A database or Redis in trouble is logged and tried again: the turns go on meanwhile."""

    def __init__(self, client: Any, worker: str, running: Mapping[UUID, RunningTurn]) -> None:
        self._client = client
        self._worker = worker
        self._running = running
        # A thread of its own: the pool of the loop may be busy, and a late lease costs a whole turn.
        self._database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="heartbeat")

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat())
            group.create_task(self._watch_cancels())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(settings.DIAGNOSIS["HEARTBEAT_SECONDS"])
            if self._running:
                await self._check_in()
            try:
                await show_presence(self._client, self._worker)
            except FAULTS:
                # The writer of streams says so already.
                continue

    async def _check_in(self) -> None:
        turns = list(self._running.values())
        progress = [turn.progress() for turn in turns]
        loop = asyncio.get_running_loop()
        try:
            held = await loop.run_in_executor(self._database, _checkpoint, progress)
        except Exception:
            log.exception("checkpoint_failed", jobs=len(turns))
            return
        for turn, entry in zip(turns, progress, strict=True):
            turn.checked_in(entry)
            if turn.job_id not in held.job_ids:
                turn.end(Ending.LOST)
            elif turn.job_id in held.cancelled:
                turn.end(Ending.STOPPED)

    async def _watch_cancels(self) -> None:
        while True:
            await asyncio.sleep(settings.DIAGNOSIS["CANCEL_POLL_SECONDS"])
            by_id = {str(job_id): turn for job_id, turn in self._running.items()}
            if not by_id:
                continue
            try:
                cancelled = await list_cancelled(self._client, list(by_id))
            except FAULTS:
                # The flag in PostgreSQL is read with the next beat.
                continue
            for job_id in cancelled:
                by_id[job_id].end(Ending.STOPPED)


def _checkpoint(progress: list[Progress]) -> Held:
    try:
        return checkpoint_jobs(progress=progress)
    finally:
        connection.close()
