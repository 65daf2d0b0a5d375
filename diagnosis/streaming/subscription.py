"""One browser's queue. Bounded: who reads too slowly is let go, reconnects and replays from where it was."""

import asyncio
from collections import deque

MAX_WAITING_BYTES = 1_000_000


class Subscription:
    """Frames for one response. ``take`` waits; ``push`` never does."""

    __slots__ = ("_bytes", "_frames", "_waiter", "closed", "opened_at", "sent_at")

    def __init__(self, *, now: float) -> None:
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self.closed = False
        self.opened_at = now
        self.sent_at = now

    def push(self, frame: bytes) -> None:
        if self.closed:
            return
        self._frames.append(frame)
        self._bytes += len(frame)
        if self._bytes > MAX_WAITING_BYTES:
            self._frames.clear()
            self.closed = True
        self._notify()

    def close(self) -> None:
        """What is queued is still delivered."""
        self.closed = True
        self._notify()

    async def take(self) -> bytes:
        """Everything that is queued, joined; empty when the stream is over."""
        while not self._frames:
            if self.closed:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        waiting = self._frames.popleft() if len(self._frames) == 1 else b"".join(self._frames)
        self._frames.clear()
        self._bytes = 0
        return waiting

    def _notify(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
