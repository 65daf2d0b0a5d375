"""Descriptions of models, and what is wrong with some."""

from __future__ import annotations

import pytest

from medaction.inference.errors import ErrorCode, ModelError
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.registry import ModelSpec, open_model
from medaction.inference.scripted import ScriptedModel
from medaction.inference.timeouts import Timeouts


def test_from_url() -> None:
    assert ModelSpec.from_url("scripted:walk") == ModelSpec("scripted", "walk")
    served = ModelSpec.from_url("http://h:1", name="n", api_key="k", label="l")
    assert served == ModelSpec("openai", "n", "http://h:1", "k", "l")


async def test_opens_both_kinds() -> None:
    assert isinstance(open_model(ModelSpec.from_url("scripted:walk")), ScriptedModel)
    served = open_model(ModelSpec.from_url("http://127.0.0.1:1", name="m", label="A model"))
    assert isinstance(served, OpenAICompatibleModel)
    assert (served.name, served.label) == ("m", "A model")
    assert open_model(ModelSpec.from_url("http://127.0.0.1:1", name="m")).label == "m"
    assert open_model(ModelSpec.from_url("http://127.0.0.1:1")).label == "127.0.0.1:1"


@pytest.mark.parametrize(
    "spec",
    [
        ModelSpec("openai", "m"),
        ModelSpec("openai", "m", "nowhere"),
        ModelSpec("scripted", "x"),
        ModelSpec("telepathy", "m"),
    ],  # type: ignore[arg-type]
)
def test_what_cannot_be_opened(spec: ModelSpec) -> None:
    with pytest.raises(ModelError) as caught:
        open_model(spec)
    assert caught.value.code is ErrorCode.UNKNOWN_MODEL
    assert not caught.value.retryable


def test_a_key_is_not_printed() -> None:
    assert "secret" not in repr(ModelSpec.from_url("http://h", api_key="secret"))


@pytest.mark.parametrize("field", ["connect", "first_token", "idle", "total"])
def test_timeouts_are_positive(field: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        Timeouts(**{field: 0})
