"""Progress of long work on stderr: a bar with rate and time left in a terminal, now and then a line elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LINE_EVERY = 15.0
"""Seconds between lines where there is no terminal."""


class Advance(Protocol):
    def __call__(self, note: str = "") -> None:
        """One more is done; ``note`` replaces what is told beside the bar."""


@contextmanager
def show_progress(what: str, total: int, done: int = 0) -> Iterator[Advance]:
    """``done`` of ``total`` were there before; they count for the bar and not for the rate."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(what, total, done)
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), TextColumn("{task.fields[note]}"),
    )  # fmt: skip
    began, count = monotonic(), 0
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(what, total=total, completed=done, rate="", note="")

        def advance(note: str = "") -> None:
            nonlocal count
            count += 1
            rate = count / max(monotonic() - began, 0.001)
            progress.update(task, advance=1, rate=f"{rate:.1f}/s", note=note)

        yield advance


class _Lines:
    def __init__(self, what: str, total: int, done: int) -> None:
        self._what, self._total, self._done = what, total, done
        self._count = 0
        self._began = self._told = monotonic()
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)

    def __call__(self, note: str = "") -> None:
        self._count += 1
        now = monotonic()
        if now - self._told < LINE_EVERY:
            return
        self._told = now
        rate = self._count / (now - self._began)
        so_far = self._done + self._count
        left = (self._total - so_far) / rate
        told = f"{self._what}: {so_far:,} of {self._total:,}, {rate:.1f}/s, {left / 60:.1f} min left"
        self._console.print(f"{told}; {note}" if note else told, markup=False)
