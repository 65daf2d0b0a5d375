"""What the runner shows: every line with its part's name and colour, and the same lines in one log file per part."""

import contextlib
import datetime
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from honcho.colour import get_colours
from honcho.printer import Message, Printer

MAX_LOG_BYTES = 10_000_000
OURSELVES = "stack"


class Console:
    def __init__(self, logs: Path, names: Iterable[str]) -> None:
        self._logs = logs
        self._files = {}
        self._colours = dict(zip([OURSELVES, *names], get_colours(), strict=False))
        self._printer = Printer(sys.stdout, width=max(map(len, self._colours)))
        self._last: dict[str, str] = {}

    def line(self, name: str, data: bytes) -> None:
        """Take one line of a part's output."""
        text = data.decode(errors="replace").rstrip()
        if not text:
            return
        if name not in self._files:
            self._files[name] = open_log(self._logs / f"{name}.log")
        self._files[name].write(data if data.endswith(b"\n") else data + b"\n")
        self._last[name] = text
        self._show(name, text)

    def say(self, text: str) -> None:
        self.line(OURSELVES, text.encode())

    def last_line(self, name: str) -> str:
        return self._last.get(name, "it said nothing")

    def box(self, lines: Sequence[str]) -> None:
        """Print lines in a frame, to the terminal only: they may hold a password."""
        width = max(map(len, lines))
        framed = [f"╭─{'─' * width}─╮", *(f"│ {line.ljust(width)} │" for line in lines), f"╰─{'─' * width}─╯"]
        with contextlib.suppress(OSError):
            sys.stdout.write("\n" + "\n".join(framed) + "\n\n")
            sys.stdout.flush()

    def _show(self, name: str, text: str) -> None:
        message = Message("line", text, datetime.datetime.now(), name, self._colours.get(name))
        # A terminal that went away must not take the stack with it.
        with contextlib.suppress(OSError):
            self._printer.write(message)


def open_log(path: Path):
    """Open a log to append to; a large one becomes ``.1`` first."""
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab", buffering=0)
