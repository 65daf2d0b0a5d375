"""One way to stop a command: Ctrl-C and SIGTERM are the same, and what was finished is kept."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
"""The exit code of a command that was stopped."""


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM does what Ctrl-C does: ``KeyboardInterrupt``, or, in an event loop, its task cancelled."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # A shell without job control starts what it puts in the background so: the signal would get lost.
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
