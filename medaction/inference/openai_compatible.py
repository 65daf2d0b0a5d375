"""Any server that speaks OpenAI chat completions over HTTP: vLLM, llama.cpp, our embedded server.

One `aiohttp` session per model object. The answer's socket is closed as soon as its generator is closed or its task
is cancelled, which is how llama.cpp and vLLM learn to stop generating.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import aiohttp
import orjson

from medaction.inference.answer import AnswerParser
from medaction.inference.connection import ModelConnection
from medaction.inference.errors import ErrorCode, ModelError, timeout_error
from medaction.inference.port import ChatRequest, Delta
from medaction.inference.timeouts import Timeouts
from medaction.inference.watchdog import Watchdog
from medaction.inference.weights import label_for

NO_ADAPTER = "none"
TAIL_SECONDS = 2.0
"""How long to wait, after the model has finished, for the token counts that some servers send last."""


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """`message` is one line for `doctor` and the readiness page; `models` are the names the server lists."""

    ok: bool
    message: str
    models: tuple[str, ...] = ()


class OpenAICompatibleModel:
    """A chat model behind an OpenAI-compatible address. Make and use it inside one event loop.

    `adapter`: the name of a LoRA adapter that a llama.cpp server has loaded, used for these requests only; `NO_ADAPTER`
    says of each that it is not used. Left unsaid, llama.cpp may go on from what it has read of a prompt with one.
    """

    def __init__(
        self,
        *,
        base_url: str,
        name: str = "",
        api_key: str = "",
        label: str = "",
        adapter: str = "",
        timeouts: Timeouts | None = None,
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._connection = ModelConnection(base_url, api_key=api_key, timeouts=self._timeouts)
        self._name = name
        self._label = label
        self._adapter = adapter
        self._lora: list[dict[str, float]] | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def label(self) -> str:
        return self._label or label_for(self._name) or self._connection.host

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def list_models(self) -> list[str]:
        """Return the names the server offers. Raises `ModelError`."""
        payload = await self._connection.get_json("models")
        entries = payload.get("data") if isinstance(payload, dict) else None
        if not isinstance(entries, list):
            raise ModelError(ErrorCode.BAD_STREAM, "The model server did not list its models.")
        return [entry["id"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]

    async def health(self) -> ModelHealth:
        """Ask the server whether it is there and offers our model. Never raises `ModelError`."""
        try:
            models = tuple(await self.list_models())
        except ModelError as error:
            return ModelHealth(ok=False, message=error.message)
        if not models:
            return ModelHealth(ok=False, message="The model server offers no model.")
        if self._name and self._name not in models:
            offered = ", ".join(models[:5])
            return ModelHealth(False, f"The model server has no model “{self._name}”; it offers {offered}.", models)
        return ModelHealth(True, f"The model server offers {self._name or models[0]}.", models)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Yield the answer piece by piece. Raises `ModelError`; see `ChatModel.stream`."""
        started = asyncio.get_running_loop().time()
        model = request.model or self._name or await self._discover_name()
        body = _body(request, model, await self._choose_adapters())
        response = await self._connection.open_stream(body, started=started)
        watchdog = Watchdog(self._timeouts, started=started, on_expire=response.close)
        answer = AnswerParser()
        try:
            while not answer.done:
                pieces = answer.pieces
                chunk = await _next_chunk(response, watchdog, answer)
                for delta in answer.feed(chunk) if chunk else answer.finish():
                    yield delta
                if not chunk:
                    return
                if answer.finish_reason is not None:
                    watchdog.saw_end(TAIL_SECONDS)
                elif answer.pieces > pieces:
                    watchdog.saw_token()
        finally:
            watchdog.stop()
            response.close()

    async def _choose_adapters(self) -> list[dict[str, float]] | None:
        """The `lora` of a request: our adapter, or with `NO_ADAPTER` each one of the server at 0."""
        if self._lora is None and self._adapter:
            try:
                listed = await self._connection.get_json("/lora-adapters")
            except ModelError as error:
                if self._adapter != NO_ADAPTER or error.code is not ErrorCode.HTTP_STATUS:
                    raise
                listed = []
            rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
            wanted = [row for row in rows if self._adapter in (NO_ADAPTER, PurePath(str(row.get("path"))).stem)]
            if not wanted and self._adapter != NO_ADAPTER:
                raise ModelError(
                    ErrorCode.UNKNOWN_MODEL, f"The model server has no adapter “{self._adapter}”.", retryable=False
                )
            scale = 0.0 if self._adapter == NO_ADAPTER else 1.0
            self._lora = [{"id": row["id"], "scale": scale} for row in wanted]
        return self._lora

    async def _discover_name(self) -> str:
        models = await self.list_models()
        if not models:
            raise ModelError(ErrorCode.UNKNOWN_MODEL, "The model server offers no model.")
        self._name = models[0]
        return self._name


async def _next_chunk(response: aiohttp.ClientResponse, watchdog: Watchdog, answer: AnswerParser) -> bytes:
    """Return the next bytes of the body, empty at its end. A fault after the model has finished is only an end."""
    watchdog.start_wait()
    try:
        return await response.content.readany()
    except (aiohttp.ClientError, OSError) as error:
        if answer.finish_reason is not None:
            return b""
        if watchdog.expired is not None:
            raise timeout_error(watchdog.expired) from None
        raise ModelError(
            ErrorCode.TRUNCATED_STREAM, "The connection to the model server broke in the middle of its answer."
        ) from error
    finally:
        watchdog.end_wait()


def _body(request: ChatRequest, model: str, lora: list[dict[str, float]] | None) -> bytes:
    body: dict[str, Any] = {
        "model": model,
        "messages": list(request.messages),
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.seed is not None:
        body["seed"] = request.seed
    if request.stop:
        body["stop"] = list(request.stop)
    if request.json_schema is not None:
        body["response_format"] = response_format(request.json_schema)
    if lora:
        body["lora"] = lora
    return orjson.dumps(body)


def response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What asks a server for an answer that satisfies the schema."""
    return {"type": "json_schema", "json_schema": {"name": "turn", "schema": schema, "strict": True}}
