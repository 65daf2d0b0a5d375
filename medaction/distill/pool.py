"""Work in several processes, its results in the order of the work."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Pieces of work handed out for each process: enough that none waits, few enough that little is lost by a kill."""


class PoolError(RuntimeError):
    """A process of the pool died."""


def map_in_processes(
    work: Callable[[Item], Result], items: Iterable[Item], processes: int, *, start: Callable[..., None], args: Any
) -> Generator[Result]:
    """``work`` of every item, in the order of the items. ``start(*args)`` prepares each process first.

    Closing the iterator drops what is not begun. Raises :class:`PoolError`, and whatever ``work`` raises.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(start, args))
    pending: deque[Future[Result]] = deque()
    try:
        for item in items:
            pending.append(pool.submit(work, item))
            if len(pending) >= processes * AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    except BrokenProcessPool as error:
        raise PoolError("a worker process died (out of memory, or killed)") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(start: Callable[..., None], args: Any) -> None:
    """Ctrl-C is the parent's to handle; without the parent there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    start(*args)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
