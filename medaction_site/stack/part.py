"""What the runner has to know about one process."""

import signal
from dataclasses import dataclass

from .health import Check


@dataclass(frozen=True, slots=True)
class Part:
    """``ready``: it can be used. ``alive``: it works at all; failing for long, the part is restarted (None: never).

    ``vital``: nothing works without it, so that the stack stops when it cannot run; ``required``: the same, but only
    until it has run once. ``relies_on``: parts without which ``alive`` says nothing.
    """

    name: str
    command: tuple[str, ...]
    ready: Check | None = None
    alive: Check | None = None
    relies_on: tuple[str, ...] = ()
    vital: bool = False
    required: bool = True
    start_seconds: float = 90.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 4.0
    orphan_signal: signal.Signals = signal.SIGKILL
    user: str | None = None
