"""Worker side: the answers of one process, parsed and written to Redis in one pipeline about every 50 ms.

One writer for all answers, not a timer each: 100 answers cost 20 round trips a second, not 2,000. A token costs two
list appends; parsing, encoding and sending happen per beat. Redis may fail at any time: the writer then goes on trying,
and the first entry that succeeds is a snapshot of everything so far.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import redis.asyncio
import structlog

from diagnosis.streaming.client import FAULTS
from diagnosis.streaming.keys import stream_key
from diagnosis.streaming.wire import FIELD, delta_frame, snapshot_frame
from medaction.domain.actions import Turn
from medaction.domain.parser import PartDelta, TurnParser

log = structlog.get_logger(__name__)
RETRY_SECONDS = 0.5
DRAIN_SECONDS = 3.0


class AnswerLog:
    """One attempt's answer: its text, its parser, and what readers have not been told yet."""

    __slots__ = (
        "_chunks",
        "_deltas",
        "_fresh",
        "_must_diagnose",
        "_number",
        "_waiters",
        "_writer",
        "key",
        "parser",
        "whole",
    )

    def __init__(self, writer: "StreamWriter", key: str, *, must_diagnose: bool) -> None:
        self._writer = writer
        self._must_diagnose = must_diagnose
        self._chunks: list[str] = []
        self._fresh: list[str] = []
        self._deltas: list[PartDelta] = []
        self._number = 0
        self.whole = True
        self._waiters: list[asyncio.Future[None]] = []
        self.key = key
        self.parser = TurnParser(must_diagnose=must_diagnose)

    @property
    def text(self) -> str:
        """The raw text so far."""
        if len(self._chunks) > 1:
            self._chunks = ["".join(self._chunks)]
        return self._chunks[0] if self._chunks else ""

    def write(self, text: str) -> None:
        self._chunks.append(text)
        self._fresh.append(text)
        # Until readers have seen something: the first tokens may be punctuation that no part shows.
        self._writer.mark(self, urgent=not self._number)

    def finish_turn(self) -> Turn:
        """The model has ended: what it said, for good."""
        self._parse()
        self._deltas += self.parser.finish()
        self._writer.mark(self, urgent=False)
        return self.parser.turn()

    def restart(self) -> None:
        """The answer is asked for again: readers forget what they have, and the text begins anew."""
        self._chunks.clear()
        self._fresh.clear()
        self._deltas.clear()
        self.parser = TurnParser(must_diagnose=self._must_diagnose)
        self.whole = True
        self._writer.mark(self, urgent=True)

    async def drain(self) -> None:
        """Wait until readers can have everything, but not long for a Redis that does not answer."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._writer.mark(self, urgent=True)
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await waiter
        except TimeoutError:
            log.warning("stream_not_drained", key=self.key)
        finally:
            self._writer.forget(self)

    def take(self) -> bytes | None:
        """The next frame, if there is anything to say: a snapshot while ``whole``, else what was added."""
        self._parse()
        deltas, self._deltas = self._deltas, []
        if self.whole:
            parts = self.parser.parts()
            if parts or self._number:
                self._number += 1
                return snapshot_frame(self._number, parts)
        elif deltas:
            self._number += 1
            return delta_frame(self._number, deltas)
        return None

    def written(self) -> None:
        """Readers can have everything that was taken."""
        self.whole = False
        self.settle()

    def settle(self) -> None:
        if not self._fresh and not self._deltas:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def lost(self) -> None:
        """What was written may be gone: say everything again."""
        self.whole = True
        self._writer.mark(self, urgent=False)

    def _parse(self) -> None:
        if self._fresh:
            self._deltas += self.parser.feed("".join(self._fresh))
            self._fresh.clear()


class StreamWriter:
    """Writes the logs of every answer in this process. ``run`` is its one task."""

    def __init__(self, client: redis.asyncio.Redis, *, interval: float, maxlen: int, ttl_seconds: int) -> None:
        self._client = client
        self._interval = interval
        self._maxlen = maxlen
        self._ttl = ttl_seconds
        self._dirty: dict[AnswerLog, None] = {}
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._healthy = True

    def open(self, job_id: UUID | str, attempt: int, *, must_diagnose: bool) -> AnswerLog:
        return AnswerLog(self, stream_key(job_id, attempt), must_diagnose=must_diagnose)

    def mark(self, answer: AnswerLog, *, urgent: bool) -> None:
        self._dirty[answer] = None
        self._wake.set()
        if urgent:
            self._urgent.set()

    def forget(self, answer: AnswerLog) -> None:
        self._dirty.pop(answer, None)

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._urgent.clear()
            batch, self._dirty = list(self._dirty), {}
            await self._flush(batch)
            # The first words of an answer do not wait for the beat.
            try:
                async with asyncio.timeout(self._interval if self._healthy else RETRY_SECONDS):
                    await self._urgent.wait()
            except TimeoutError:
                pass

    async def _flush(self, batch: Sequence[AnswerLog]) -> None:
        pipe = self._client.pipeline(transaction=False)
        sent: list[AnswerLog] = []
        for answer in batch:
            whole = answer.whole
            try:
                frame = answer.take()
            except Exception:
                # The turn itself will fail of it; the other answers go on.
                log.exception("answer_not_parsed", key=answer.key)
                continue
            if frame is None:
                answer.settle()
                continue
            sent.append(answer)
            if whole:
                pipe.execute_command("XADD", answer.key, "MAXLEN", "~", self._maxlen, "*", FIELD, frame)
                pipe.execute_command("EXPIRE", answer.key, self._ttl)
            else:
                # An addition must not begin a stream: no reply means that the stream was wiped.
                pipe.execute_command("XADD", answer.key, "NOMKSTREAM", "MAXLEN", "~", self._maxlen, "*", FIELD, frame)
        if not sent:
            return
        try:
            replies = await pipe.execute(raise_on_error=False)
        except FAULTS as error:
            self._note(fault=error)
            for answer in sent:
                answer.lost()
            return
        self._note(fault=next((reply for reply in replies if isinstance(reply, Exception)), None))
        entries = iter(replies)
        for answer in sent:
            entry = next(entries)
            if answer.whole:
                next(entries)
            if isinstance(entry, bytes):
                answer.written()
            else:
                answer.lost()

    def _note(self, fault: BaseException | None) -> None:
        if fault is not None and self._healthy:
            log.warning("stream_writer_lost_redis", error=str(fault))
        elif fault is None and not self._healthy:
            log.info("stream_writer_found_redis")
        self._healthy = fault is None
