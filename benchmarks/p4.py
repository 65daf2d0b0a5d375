"""P4: how many streams one Celery process holds, and how many a gigabyte of workers holds, beside a prefork pool.

The upstream writes slowly here (20 tokens a second): this is about holding streams, not about carrying words.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

from celery import Celery

from benchmarks.account import megabytes
from benchmarks.context import Context
from benchmarks.numbers import Figure
from benchmarks.processes import process, wait_until
from benchmarks.report import Row
from benchmarks.stream import Stream

TPS = 20.0
PREFORK_PROCESSES = 4
START_SECONDS = 30.0
WAITS_SECONDS = 2.0


async def measure_p4(context: Context) -> tuple[list[Row], list[str]]:
    streams = 60 if context.quick else 200
    ours, lost = await _hold(context, streams)
    context.say(f"P4 threads: {streams} streams in {ours:.0f} MB")
    async with _prefork(context) as worker:
        theirs = await _hold_prefork(context, worker)
    context.say(f"P4 prefork: {PREFORK_PROCESSES} streams in {theirs:.0f} MB")
    # Fewer streams share the same process: the aims are for the full number.
    held, ratio = (None, None) if context.quick else (200, 50)
    per_gigabyte = streams / ours * 1000
    prefork = PREFORK_PROCESSES / theirs * 1000
    rows = [
        Row("P4", "streams that one Celery process holds", _one(streams), "streams", held, more_is_better=True),
        Row("P4", "  words lost", _one(lost), "words", 0),
        Row("P4", "  memory of the worker", _one(ours), "MB"),
        Row("P4", "streams for each GB of workers", _one(per_gigabyte), "streams"),
        Row("P4", f"  prefork, {PREFORK_PROCESSES} processes", _one(prefork), "streams"),
        Row("P4", "  times prefork", _one(per_gigabyte / prefork), "×", ratio, more_is_better=True),
    ]
    notes = ["P4 gevent: not run, gevent is not installed (and redelivery with gevent is not safe: ADR 0003)."]
    return rows, notes


async def _hold(context: Context, streams: int) -> tuple[float, int]:
    """Memory of the worker while all streams are live, and words lost."""
    tokens = int((streams * context.seconds_per_start + 4) * TPS)
    context.answer(shape="stamps", tokens=tokens, tps=TPS)
    found = [Stream() for _ in range(streams)]
    tasks = await context.start(found, at_once=16)
    live = sum(not stream.ended_at for stream in found)
    memory = megabytes([context.app.pids["worker"]])
    await asyncio.gather(*tasks)
    if live < streams:
        raise RuntimeError(f"only {live} of {streams} streams were live at once")
    return memory, sum(stream.faults(tokens) for stream in found)


async def _hold_prefork(context: Context, worker: subprocess.Popen[bytes]) -> float:
    """Memory of the pool with every process busy. One stream more must wait: that is what a process holds."""
    tokens = int((WAITS_SECONDS + 4) * TPS)
    context.answer(shape="stamps", tokens=tokens, tps=TPS)
    found = [Stream() for _ in range(PREFORK_PROCESSES + 1)]
    tasks = [asyncio.create_task(context.visitor.watch(stream)) for stream in found]
    await wait_until(lambda: sum(bool(stream.first_at) for stream in found) >= PREFORK_PROCESSES, seconds=START_SECONDS)
    await asyncio.sleep(WAITS_SECONDS)
    live = sum(bool(stream.first_at) for stream in found)
    memory = megabytes([worker.pid])
    await asyncio.gather(*tasks)
    if live != PREFORK_PROCESSES:
        raise RuntimeError(f"{live} streams were live in {PREFORK_PROCESSES} prefork processes")
    return memory


@contextlib.asynccontextmanager
async def _prefork(context: Context) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A prefork worker takes the queue over; the app's own worker gets it back."""
    control = Celery(broker=context.app.environment["REDIS_URL"]).control
    await asyncio.to_thread(control.cancel_consumer, "medaction", reply=True)
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "benchmarks.prefork_worker:app", "worker"]
    options = [f"--concurrency={PREFORK_PROCESSES}", "--pool=prefork", "--hostname=prefork@%h", "--loglevel=WARNING"]
    try:
        with process([*command, *options, "--without-gossip", "--without-mingle"], context.app.environment) as worker:
            if not await wait_until(lambda: _is_there(control), seconds=START_SECONDS, every=0.5):
                raise RuntimeError("the prefork worker did not start")
            yield worker
    finally:
        await asyncio.to_thread(control.add_consumer, "medaction", reply=True)


def _is_there(control: Any) -> bool:
    return any(name.startswith("prefork@") for reply in control.ping(timeout=1) for name in reply)


def _one(value: float) -> Figure:
    return Figure.of([value])
