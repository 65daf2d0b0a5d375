"""R7 on real sockets: never a wrong text, never a hang."""

from __future__ import annotations

import asyncio

import pytest

from medaction.inference import openai_compatible
from tests.fake_upstream import FakeUpstream
from tests.medaction.inference.conftest import OpenModel
from tests.medaction.inference.malformed import BROKEN, UNUSUAL, Stream
from tests.medaction.inference.reading import read


def test_there_are_enough_of_them() -> None:
    names = [stream.name for stream in UNUSUAL + BROKEN]
    assert len(set(names)) == len(names) >= 40


@pytest.mark.parametrize("stream", UNUSUAL + BROKEN, ids=lambda stream: stream.name)
async def test_outcome(
    stream: Stream, upstream: FakeUpstream, open_fake: OpenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_compatible, "TAIL_SECONDS", 0.2)
    upstream.queue.append(stream.answer)
    reading = await asyncio.wait_for(read(open_fake()), timeout=4)
    assert (reading.text, reading.code) == (stream.text, stream.code)
    if reading.error:
        sentence = reading.error.message
        assert sentence[0].isupper()
        assert "\n" not in sentence
        assert "<" not in sentence
