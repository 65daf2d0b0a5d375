"""What every measurement is given: the app, the upstream, a signed-in visitor, and how often to repeat."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from benchmarks.account import Seconds, cpu_seconds
from benchmarks.app import App
from benchmarks.load import STARTS_AT_ONCE, start_gently
from benchmarks.stream import Stream
from benchmarks.visitor import Visitor
from tests.fake_upstream import RunningUpstream

TPS = 50.0


@dataclass
class Context:
    app: App
    upstream: RunningUpstream
    visitor: Visitor
    console: Console
    quick: bool
    seconds_per_start: float = 0.12

    @property
    def runs(self) -> int:
        return 1 if self.quick else 5

    def answer(self, **fields: Any) -> None:
        """What the upstream answers from now on."""
        self.upstream.control("default", fields)

    def cpu(self) -> Seconds:
        return cpu_seconds(self.app.pids)

    async def start(self, streams: Sequence[Stream], *, at_once: int = STARTS_AT_ONCE) -> list[asyncio.Task[None]]:
        """Press Watch once for each stream; returns when all of them are live. Learns how long that takes."""
        begun = time.monotonic()
        tasks = await start_gently(streams, self.visitor.watch, at_once)
        self.seconds_per_start = 1.4 * (time.monotonic() - begun) / len(streams)
        return tasks

    def say(self, text: str) -> None:
        self.console.print(f"  {text}", highlight=False, style="dim")
