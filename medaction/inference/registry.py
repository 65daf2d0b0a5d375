"""From a model's description (settings, a database row, the command line) to a model that can be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from medaction.inference.errors import ErrorCode, ModelError
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.port import ChatModel
from medaction.inference.scripted import ScriptedModel
from medaction.inference.timeouts import Timeouts

SCRIPTED_PREFIX = "scripted:"


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model to ask, and where.

    `openai`: `base_url` is the server (with or without `/v1`); an empty `name` means the first model it lists;
    `adapter` names a LoRA adapter that a llama.cpp server has loaded, or is `NO_ADAPTER`.
    `scripted`: `name` is a script, optionally with a speed in tokens per second (`walk@400`; `@0` is unpaced).
    """

    provider: Literal["openai", "scripted"]
    name: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    label: str = ""
    adapter: str = ""

    @classmethod
    def from_url(cls, url: str, *, name: str = "", api_key: str = "", label: str = "") -> ModelSpec:
        """Read the one-string form: `scripted:walk`, or the http(s) address of an OpenAI-compatible server."""
        if url.startswith(SCRIPTED_PREFIX):
            return cls(provider="scripted", name=url.removeprefix(SCRIPTED_PREFIX), label=label)
        return cls(provider="openai", name=name, base_url=url, api_key=api_key, label=label)


def open_model(spec: ModelSpec, *, timeouts: Timeouts | None = None) -> ChatModel:
    """Open a model without contacting it. Raises `ModelError(UNKNOWN_MODEL)` for a description that cannot work."""
    if spec.provider == "scripted":
        return ScriptedModel.load(spec.name, label=spec.label)
    if spec.provider == "openai":
        return OpenAICompatibleModel(
            base_url=spec.base_url,
            name=spec.name,
            api_key=spec.api_key,
            label=spec.label,
            adapter=spec.adapter,
            timeouts=timeouts or Timeouts(),
        )
    raise ModelError(ErrorCode.UNKNOWN_MODEL, f"There is no model provider called “{spec.provider}”.", retryable=False)
