"""Web side: one reader of Redis for all open pages of this process.

It blocks in one XREAD over every live job and fans out to bounded queues. A stream that falls quiet is looked up in
PostgreSQL, all quiet ones in one query, so a lost worker, a wiped Redis or a missed end never leaves a page waiting.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import redis.asyncio
import structlog

from diagnosis.streaming import wire
from diagnosis.streaming.client import FAULTS
from diagnosis.streaming.keys import stream_key, wake_key
from diagnosis.streaming.status import JobStatus
from diagnosis.streaming.subscription import Subscription
from diagnosis.streaming.topic import Entry, Topic, replay

log = structlog.get_logger(__name__)
Probe = Callable[[Sequence[str]], Awaitable[dict[str, JobStatus]]]

BLOCK_MILLISECONDS = 1000
GATHER_SECONDS = 0.008
HEARTBEAT_SECONDS = 10.0
TICK_SECONDS = 0.5
WAKE_SECONDS = 60


class StreamHub:
    """Open one per process and event loop; ``run`` must be running while anyone is subscribed."""

    def __init__(self, client: redis.asyncio.Redis, probe: Probe, *, quiet_seconds: float, max_seconds: float) -> None:
        self._client = client
        self._probe = probe
        self._quiet_seconds = quiet_seconds
        self._max_seconds = max_seconds
        self._topics: dict[str, Topic] = {}
        self._wake_key = wake_key(uuid.uuid4().hex)
        self._wake_cursor: bytes = wire.START_OF_STREAM
        self._present = asyncio.Event()

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read())
                group.create_task(self._tick())
        finally:
            # Nobody reads any more: browsers reconnect and find another hub.
            for topic in self._topics.values():
                topic.close()
            self._topics.clear()

    @contextlib.asynccontextmanager
    async def subscribe(self, status: JobStatus, after: wire.Position | None) -> AsyncIterator[Subscription]:
        """A subscription to this job, caught up from ``after`` (from the beginning when None)."""
        now = time.monotonic()
        subscription = Subscription(now=now)
        if status.ended:
            await self._replay_ended(subscription, status, after)
            yield subscription
            return
        topic = self._topics.get(status.job_id)
        if topic is None:
            topic = self._topics[status.job_id] = Topic(status.job_id, status.stream_attempt, now=now)
        else:
            topic.follow(status, now=now)
        if status.position is not None:
            topic.position = status.position
            subscription.push(wire.queue_frame(status.position))
        topic.joining[subscription] = []
        try:
            await self._wake()
            await self._catch_up(topic, subscription, after)
            yield subscription
        finally:
            topic.joining.pop(subscription, None)
            topic.subscriptions.pop(subscription, None)
            if not topic.subscriptions and not topic.joining:
                self._drop(topic)

    async def _catch_up(self, topic: Topic, subscription: Subscription, after: wire.Position | None) -> None:
        while True:
            attempt = topic.attempt
            last, resets = _resume(attempt, after)
            missed = await self._read_after(topic.key, last)
            if topic.attempt == attempt:
                break
        if resets:
            subscription.push(wire.reset_frame(attempt))
        topic.join(subscription, missed, last)

    async def _replay_ended(self, subscription: Subscription, status: JobStatus, after: wire.Position | None) -> None:
        """Whatever the log still has, then the end in any case."""
        last, resets = _resume(status.attempt, after)
        if resets:
            subscription.push(wire.reset_frame(status.attempt))
        replay(subscription, status.attempt, await self._read_after(stream_key(status.job_id, status.attempt), last))
        if not subscription.closed:
            subscription.push(wire.end_frame(status.state, status.next_job))
            subscription.close()

    async def _read_after(self, key: str, entry: bytes) -> list[Entry]:
        """The entries after this one; none when Redis does not answer, for the shared reader will find them."""
        try:
            entries: Any = await self._client.xrange(key, min=b"(" + entry, max="+")
        except FAULTS as error:
            log.warning("stream_not_replayed", key=key, error=str(error))
            return []
        return entries or []

    async def _wake(self) -> None:
        """Make the reader start its blocking read anew, with the topics as they are now."""
        self._present.set()
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                pipe.xadd(self._wake_key, {wire.FIELD: b""}, maxlen=1, approximate=False)
                pipe.expire(self._wake_key, WAKE_SECONDS)
                await pipe.execute()
        except FAULTS as error:
            log.warning("reader_not_woken", error=str(error))

    def _drop(self, topic: Topic) -> None:
        if self._topics.get(topic.job_id) is topic:
            del self._topics[topic.job_id]

    async def _read(self) -> None:
        while True:
            if not self._topics:
                self._present.clear()
                await self._present.wait()
            try:
                await self._read_once()
            except FAULTS as error:
                log.warning("reader_lost_redis", error=str(error))
                await asyncio.sleep(TICK_SECONDS)
            # What the worker writes in the same beat arrives together.
            await asyncio.sleep(GATHER_SECONDS)

    async def _read_once(self) -> None:
        by_key = {topic.key.encode(): topic for topic in self._topics.values()}
        cursors: Any = {key: topic.cursor for key, topic in by_key.items()}
        cursors[self._wake_key] = self._wake_cursor
        reply: Any = await self._client.xread(cursors, block=BLOCK_MILLISECONDS, count=1000)
        now = time.monotonic()
        for key, entries in reply or ():
            topic = by_key.get(key)
            if topic is None:
                self._wake_cursor = entries[-1][0]
            elif topic.key.encode() == key:
                topic.deliver(entries, now=now)
                if topic.ended:
                    self._drop(topic)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            for topic in self._topics.values():
                for subscription in topic.subscriptions:
                    if now - subscription.opened_at > self._max_seconds:
                        subscription.close()
                    elif now - subscription.sent_at > HEARTBEAT_SECONDS:
                        subscription.sent_at = now
                        subscription.push(wire.HEARTBEAT)
            quiet = [topic for topic in self._topics.values() if now - topic.heard_at > self._quiet_seconds]
            if quiet:
                await self._look_up(quiet)

    async def _look_up(self, quiet: Sequence[Topic]) -> None:
        try:
            statuses = await self._probe([topic.job_id for topic in quiet])
        except Exception:
            # Whatever the database's trouble is, it must not end the streams that are well.
            log.exception("probe_failed", topics=len(quiet))
            return
        now = time.monotonic()
        moved = False
        for topic in quiet:
            status = statuses.get(topic.job_id)
            if status is None:
                topic.close()
                self._drop(topic)
                continue
            # Also at the end: a whole attempt may have passed unseen between two looks.
            moved |= topic.follow(status, now=now)
            if status.ended:
                topic.deliver(await self._read_after(topic.key, topic.cursor), now=now)
                if not topic.ended:
                    topic.finish(status)
                self._drop(topic)
        if moved:
            await self._wake()


def _resume(attempt: int, after: wire.Position | None) -> tuple[bytes, bool]:
    """Where to read on in this attempt's log, and whether the reader must first forget another attempt."""
    if after is None:
        return wire.START_OF_STREAM, False
    if after.attempt != attempt:
        return wire.START_OF_STREAM, True
    return after.entry, False
