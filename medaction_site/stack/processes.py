"""Processes by number *and* start time, so that a number used again by a stranger is never signalled."""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil

PR_SET_PDEATHSIG = 1
SAME_START_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ProcessId:
    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "ProcessId":
        """Raises `psutil.NoSuchProcess`."""
        return cls(pid, psutil.Process(pid).create_time())

    def is_alive(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < SAME_START_SECONDS
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def send(self, number: signal.Signals) -> None:
        """Signal the process and what it started: every part leads a process group of its own."""
        if not self.is_alive():
            return
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(self.pid) == self.pid and number == signal.SIGKILL:
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)


def end_all(processes: Iterable[ProcessId], *, ask: signal.Signals, grace: float) -> None:
    """Ask processes to end, wait up to ``grace`` seconds, then kill what is left."""
    left = [process for process in processes if process.is_alive()]
    for process in left:
        process.send(ask)
    until = time.monotonic() + grace
    while (left := [process for process in left if process.is_alive()]) and time.monotonic() < until:
        time.sleep(0.05)
    for process in left:
        process.send(signal.SIGKILL)


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs before it starts, so that the kernel ends it when this process dies, even by SIGKILL.

    Only Linux offers this; elsewhere the next start finds the leftovers in the record.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def arm() -> None:
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return arm


def follow_parent() -> None:
    """End this process (SIGTERM) when the one that started it ends, where the kernel offers it."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
