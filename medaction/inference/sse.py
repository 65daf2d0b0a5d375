"""Server-sent events, parsed from bytes as they arrive.

Written here because the official client libraries cost several times the CPU per token. Lines are split on bytes:
CR and LF never occur inside a UTF-8 sequence, so a character cut in two by the network is whole again once its line is.
Follows the WHATWG "event stream interpretation", plus the bare `error:` field some llama.cpp builds send.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_EVENT_BYTES = 1 << 20
"""The longest line, and the longest event, that is read; 1 MB is far beyond any honest chunk of an answer."""

_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event: its name (`message` unless the server names it) and its data, lines joined by LF."""

    name: str
    data: bytes


class OversizedEventError(ValueError):
    """A line or an event is longer than the limit."""


class SSEParser:
    """Feed bytes in any chunking, get the same events."""

    __slots__ = ("_after_cr", "_data", "_data_bytes", "_first_line", "_limit", "_name", "_tail", "_tail_bytes")

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._limit = max_event_bytes
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._after_cr = False
        self._first_line = True
        self._name = ""
        self._data: list[bytes] = []
        self._data_bytes = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that `chunk` completes. Raises `OversizedEventError`."""
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]
            self._after_cr = False
        if not chunk:
            return []
        if b"\n" not in chunk and b"\r" not in chunk:
            self._after_cr = False
            self._hold(chunk)
            return []
        if self._tail:
            chunk = b"".join((*self._tail, chunk))
            self._tail.clear()
            self._tail_bytes = 0
        self._after_cr = chunk.endswith(b"\r")
        lines = chunk.splitlines()
        if not self._after_cr and not chunk.endswith(b"\n"):
            self._hold(lines.pop())
        events: list[Event] = []
        for line in lines:
            if line:
                self._field(line)
            elif (event := self._dispatch()) is not None:
                events.append(event)
        return events

    def finish(self) -> list[Event]:
        """Return the event that the end of the stream cut off before its blank line, if any."""
        if self._tail:
            self._field(b"".join(self._tail))
            self._tail.clear()
        event = self._dispatch()
        return [] if event is None else [event]

    def _hold(self, part: bytes) -> None:
        self._tail.append(part)
        self._tail_bytes += len(part)
        if self._tail_bytes > self._limit:
            raise OversizedEventError(f"a line is longer than {self._limit} bytes")

    def _field(self, line: bytes) -> None:
        if self._first_line:
            self._first_line = False
            line = line.removeprefix(_BOM)
        if line.startswith(b"data:"):
            self._add_data(line[6:] if line[5:6] == b" " else line[5:])
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._name = value.decode("utf-8", "replace")
        elif name == b"error":
            self._name = "error"
            self._add_data(value)
        elif name == b"data":
            self._add_data(b"")

    def _add_data(self, value: bytes) -> None:
        self._data.append(value)
        self._data_bytes += len(value)
        if self._data_bytes > self._limit:
            raise OversizedEventError(f"an event is longer than {self._limit} bytes")

    def _dispatch(self) -> Event | None:
        name, self._name = self._name or "message", ""
        if not self._data:
            return None
        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        self._data.clear()
        self._data_bytes = 0
        return Event(name, data) if data else None
