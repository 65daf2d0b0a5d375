"""The parser gives the same events for the same bytes, however the network cuts them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.inference.sse import Event, OversizedEventError, SSEParser

LINES = st.sampled_from(
    [
        b"data: a",
        b"data:b",
        b"data",
        b"data: ",
        b"data: \xc3\xa9\xf0\x9f\xa9\xba",
        b": note",
        b"",
        b"event: x",
        b"id: 7",
        b"error: e",
    ]
)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
STREAMS = st.lists(st.tuples(LINES, ENDS), max_size=30).map(lambda lines: b"".join(line + end for line, end in lines))


def parse(*chunks: bytes) -> list[Event]:
    parser = SSEParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return events + parser.finish()


def reference(stream: bytes) -> list[Event]:
    """The same format read slowly: all line ends made one, then line by line."""
    events, name, data = [], "message", []
    lines = stream.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for line in [*lines, b""]:
        field, _, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        if not line:
            if b"\n".join(data):
                events.append(Event(name, b"\n".join(data)))
            name, data = "message", []
        elif field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode()
        elif field == b"error":
            name, data = "error", [*data, value]
    return events


@given(STREAMS | st.binary(max_size=200), st.lists(st.integers(0, 300), max_size=20))
def test_any_chunking_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    chunks = [stream[start:stop] for start, stop in pairwise(edges)]
    assert parse(*chunks) == parse(stream)


@given(STREAMS)
def test_agrees_with_a_plain_reading(stream: bytes) -> None:
    assert parse(stream) == reference(stream)


def test_an_event_comes_as_soon_as_its_blank_line() -> None:
    assert SSEParser().feed(b"data: 1\r\r") == [Event("message", b"1")]


def test_a_byte_order_mark_is_not_part_of_the_first_field() -> None:
    assert parse(b"\xef", b"\xbb\xbfdata: 1\n\n\xef\xbb\xbfdata: 2\n\n") == [Event("message", b"1")]


@pytest.mark.parametrize("stream", [b"data: " + b"x" * 100, b"data: x\n" * 50, b": " + b"x" * 200])
def test_a_limit_holds_for_lines_and_events(stream: bytes) -> None:
    parser = SSEParser(max_event_bytes=32)
    with pytest.raises(OversizedEventError):
        [parser.feed(stream[at : at + 7]) for at in range(0, len(stream), 7)]


def test_the_limit_is_for_each_event() -> None:
    parser = SSEParser(max_event_bytes=32)
    events = [event for _ in range(100) for event in parser.feed(b"data: 0123456789\n\n")]
    assert len(events) == 100
