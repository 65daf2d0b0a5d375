"""The bytes of an event, from the worker to the browser.

A worker writes an event once, in the form the browser reads, as the only field of a Redis entry; a web process adds the
id line and passes it on unread. Events:

    delta     {"n": 17, "parts": [["reasoning", "…"], ["differential.0.dx", "Myasth"]]}  append
    snapshot  {"n": 18, "parts": […]}   replace everything (after a gap, or empty when an answer is asked for again)
    reset     {"attempt": 2}            another attempt has begun: forget what the earlier one said
    queue     {"position": 3}           jobs that wait before this one
    end       {"state": "SUCCEEDED", "next": "<job id>" | null}   fetch the committed turn

``n`` counts the events of an attempt from 1. The id of an event is ``<attempt>.<redis id>``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from medaction.domain.parser import PartDelta

FIELD = b"s"
START_OF_STREAM = b"0-0"
HEARTBEAT = b": still here\n\n"
OPENING = b"retry: 1000\n\n"
_END = b"event: end\n"
_POSITION = re.compile(r"(\d{1,9})\.(\d{1,20}-\d{1,20})")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader has got to: the last event that it saw."""

    attempt: int
    entry: bytes


def parse_position(text: str | None) -> Position | None:
    """Read ``Last-Event-ID`` or ``?after=``. None for anything that is not a position."""
    match = _POSITION.fullmatch(text.strip()) if text else None
    return Position(int(match[1]), match[2].encode()) if match else None


def entry_order(entry: bytes) -> tuple[int, int]:
    """The sort key of a Redis entry id."""
    milliseconds, _, sequence = entry.partition(b"-")
    return int(milliseconds), int(sequence)


def delta_frame(number: int, parts: Iterable[PartDelta]) -> bytes:
    return _frame(b"delta", {"n": number, "parts": [[part.path, part.text] for part in parts]})


def snapshot_frame(number: int, parts: Iterable[PartDelta]) -> bytes:
    return _frame(b"snapshot", {"n": number, "parts": [[part.path, part.text] for part in parts]})


def reset_frame(attempt: int) -> bytes:
    return with_id(attempt, START_OF_STREAM, _frame(b"reset", {"attempt": attempt}))


def queue_frame(position: int) -> bytes:
    return _frame(b"queue", {"position": position})


def end_frame(state: str, next_job: str | None) -> bytes:
    return _frame(b"end", {"state": state, "next": next_job})


def is_end(frame: bytes) -> bool:
    return frame.startswith(_END)


def with_id(attempt: int, entry: bytes, frame: bytes) -> bytes:
    return b"id: %d.%b\n%b" % (attempt, entry, frame)


def _frame(event: bytes, data: dict[str, object]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event, orjson.dumps(data))
