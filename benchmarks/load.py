"""Many streams at once. What is reported is a window in which all of them are live, so starting them does not count."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field

from benchmarks.account import Seconds, difference
from benchmarks.numbers import percentile
from benchmarks.stream import Stream

WINDOW_SECONDS = 5.0
SETTLE_SECONDS = 0.5
STARTS_AT_ONCE = 4


class TooShortError(Exception):
    """The streams ended before they had been looked at long enough."""


@dataclass(frozen=True)
class Level:
    """One run at one number of streams. Times in milliseconds; CPU in milliseconds per 1,000 delivered tokens."""

    streams: int
    expected: int
    lost: int
    p50: float
    p99: float
    tokens_per_second: float
    cpu: dict[str, float] = field(default_factory=dict)
    core_share: float = 0.0

    @property
    def cpu_total(self) -> float:
        return sum(self.cpu.values())

    @property
    def loss(self) -> float:
        return self.lost / self.expected


async def start_gently(
    streams: Sequence[Stream],
    follow: Callable[[Stream], Coroutine[object, object, None]],
    at_once: int = STARTS_AT_ONCE,
) -> list[asyncio.Task[None]]:
    """Follow every stream, starting a few at a time; returns when all of them are live."""
    tasks: list[asyncio.Task[None]] = []
    for stream in streams:
        tasks.append(asyncio.create_task(follow(stream)))
        while sum(not started.first_at for started in streams[: len(tasks)]) >= at_once:
            _raise_if_failed(tasks)
            await asyncio.sleep(0.005)
    while not all(stream.first_at for stream in streams):
        _raise_if_failed(tasks)
        await asyncio.sleep(0.005)
    return tasks


async def measure(
    streams: Sequence[Stream], tasks: Sequence[asyncio.Task[None]], cpu: Callable[[], Seconds], *, tokens: int
) -> Level:
    """Look at live streams for a window, then wait for their end and count what is missing."""
    await asyncio.sleep(SETTLE_SECONDS)
    start, before = time.monotonic(), cpu()
    await asyncio.sleep(WINDOW_SECONDS)
    stop, used = time.monotonic(), difference(cpu(), before)
    early = sum(bool(stream.ended_at) and stream.ended_at < stop for stream in streams)
    if early:
        await asyncio.gather(*tasks)
        raise TooShortError(f"{early} of {len(streams)} streams ended inside the window")
    await asyncio.gather(*tasks)
    return level(streams, start, stop, used, tokens=tokens)


def level(streams: Sequence[Stream], start: float, stop: float, used: Seconds, *, tokens: int) -> Level:
    delays = [delay for stream in streams for delay in stream.delays(start, stop)]
    return Level(
        streams=len(streams),
        expected=tokens * len(streams),
        lost=sum(stream.faults(tokens) for stream in streams),
        p50=percentile(delays, 0.50) * 1e3,
        p99=percentile(delays, 0.99) * 1e3,
        tokens_per_second=len(delays) / (stop - start),
        cpu={name: seconds * 1e6 / max(1, len(delays)) for name, seconds in used.items()},
        core_share=sum(used.values()) / (stop - start),
    )


def _raise_if_failed(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done():
            task.result()
