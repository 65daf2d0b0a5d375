"""One timer for all paced streams: a heap of due times, so that 300 streams cost a few writes a tick and no tasks."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterator

RESOLUTION = 0.002
"""Seconds between two looks at the heap, at least."""


class Paced:
    """A stream in the heap. `done` ends when the frames are out; cancelling it takes the stream out."""

    __slots__ = ("done", "due", "frames", "interval", "send")

    def __init__(self, frames: Iterator[bytes], interval: float, send: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.frames = frames
        self.interval = interval
        self.send = send
        self.due = loop.time() + interval
        self.done: asyncio.Future[None] = loop.create_future()


class Ticker:
    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Paced]] = []
        self._order = itertools.count()
        self._handle: asyncio.TimerHandle | None = None

    async def run(self, frames: Iterator[bytes], tps: float, send: Callable[[bytes], None]) -> None:
        """Send `frames` at `tps` a second, the first after one interval; `frames` are made when they are due."""
        paced = Paced(frames, 1 / tps, send)
        heapq.heappush(self._heap, (paced.due, next(self._order), paced))
        self._schedule(paced.due)
        await paced.done

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _schedule(self, due: float) -> None:
        loop = asyncio.get_running_loop()
        when = max(due, loop.time() + RESOLUTION)
        if self._handle is not None:
            if self._handle.when() <= when:
                return
            self._handle.cancel()
        self._handle = loop.call_at(when, self._tick)

    def _tick(self) -> None:
        self._handle = None
        heap = self._heap
        now = asyncio.get_running_loop().time()
        while heap and heap[0][0] <= now:
            _, order, paced = heap[0]
            frame = None if paced.done.done() else next(paced.frames, None)
            if frame is None:
                heapq.heappop(heap)
                if not paced.done.done():
                    paced.done.set_result(None)
                continue
            paced.send(frame)
            paced.due += paced.interval
            heapq.heapreplace(heap, (paced.due, order, paced))
        if heap:
            self._schedule(heap[0][0])
