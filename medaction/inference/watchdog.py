"""The patience of one stream: one timer for all its tokens, instead of one per token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf

from medaction.inference.errors import ErrorCode
from medaction.inference.timeouts import Timeouts


class Watchdog:
    """Calls `on_expire` once when a wait outlasts its deadline; `expired` then holds the code of that wait.

    Only waits count, not the time the reader of the answer takes. Moving the deadline later, which every token does,
    costs an assignment: the timer finds out when it rings.
    """

    __slots__ = (
        "_armed_at",
        "_code",
        "_due",
        "_handle",
        "_idle",
        "_loop",
        "_on_expire",
        "_total_by",
        "_until",
        "expired",
    )

    def __init__(self, timeouts: Timeouts, *, started: float, on_expire: Callable[[], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_expire = on_expire
        self._idle = timeouts.idle
        self._total_by = started + timeouts.total
        self._set_due(started + timeouts.first_token, ErrorCode.FIRST_TOKEN_TIMEOUT)
        self._until = inf
        self._handle: asyncio.TimerHandle | None = None
        self._armed_at = inf
        self.expired: ErrorCode | None = None

    def saw_token(self) -> None:
        """The model made progress: from now on the idle limit applies."""
        self._set_due(self._loop.time() + self._idle, ErrorCode.IDLE_TIMEOUT)

    def saw_end(self, grace: float) -> None:
        """The model has finished: wait at most `grace` seconds for what the server may add."""
        self._set_due(self._loop.time() + grace, ErrorCode.IDLE_TIMEOUT)

    def start_wait(self) -> None:
        self._until = self._due
        if self._due < self._armed_at:
            self._arm(self._due)

    def end_wait(self) -> None:
        self._until = inf

    def stop(self) -> None:
        self._until = inf
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _set_due(self, when: float, code: ErrorCode) -> None:
        if when < self._total_by:
            self._due, self._code = when, code
        else:
            self._due, self._code = self._total_by, ErrorCode.TOTAL_TIMEOUT

    def _arm(self, when: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._armed_at = when
        self._handle = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._handle = None
        self._armed_at = inf
        if self._loop.time() >= self._until:
            self.expired = self._code
            self._on_expire()
        elif self._until < inf:
            self._arm(self._until)
