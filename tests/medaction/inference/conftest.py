"""A fake upstream in the test's own loop, and a model that is pointed at it with little patience."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.timeouts import Timeouts
from tests.fake_upstream import Answer, FakeUpstream

IMPATIENT = Timeouts(connect=0.5, first_token=0.4, idle=0.4, total=5)

OpenModel = Callable[..., OpenAICompatibleModel]


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream(Answer(tokens=20, tps=0)) as fake:
        yield fake


@pytest.fixture
async def open_fake(upstream: FakeUpstream) -> AsyncIterator[OpenModel]:
    opened: list[OpenAICompatibleModel] = []

    def open_fake(**settings: object) -> OpenAICompatibleModel:
        arguments = {"base_url": upstream.url, "name": "fake", "timeouts": IMPATIENT} | settings
        model = OpenAICompatibleModel(**arguments)  # type: ignore[arg-type]
        opened.append(model)
        return model

    yield open_fake
    for model in opened:
        await model.aclose()
