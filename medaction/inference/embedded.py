"""The model that comes with the project, served by llama.cpp inside this process as an OpenAI-compatible server."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from medaction.inference.requantise import cached_q8_0
from medaction.inference.weights import MODEL_LABEL, MODEL_NAME, EmbeddedModelError, find_gguf, find_weights

MAX_THREADS = 8
PROMPT_CACHE_MIB = 256
BATCH_TOKENS = 128
"""Of a prompt, read at once. A client that has left is noticed between two batches: larger ones would hold up Stop."""


@dataclass(frozen=True, slots=True)
class EmbeddedSettings:
    """How to serve. `port=0` takes a free one; `model_dir=None` means the weights that come with the project.

    `adapters` are part of what is served; `selectable` ones are loaded beside it and used by the requests that ask for
    them. `context_tokens` is what one conversation may use, `parallel` how many run at once; memory grows with their
    product (about 23 kB a token). `threads=0` means one for each processor, at most `MAX_THREADS`. `requantise_in` is a
    folder that keeps the weights in a form that reads prompts about twice as fast; making it takes half a minute.
    """

    host: str = "127.0.0.1"
    port: int = 0
    model_dir: Path | None = None
    adapters: tuple[Path, ...] = ()
    selectable: tuple[Path, ...] = ()
    threads: int = 0
    context_tokens: int = 8192
    parallel: int = 2
    api_key: str = field(default="", repr=False)
    requantise_in: Path | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """A running server, as a client needs to know it."""

    url: str
    name: str
    label: str


class EmbeddedServer:
    """Starts serving when made; `Served` is in `served`. Raises `EmbeddedModelError`."""

    def __init__(self, settings: EmbeddedSettings) -> None:
        if settings.adapters and settings.selectable:
            raise EmbeddedModelError("Adapters are either part of the model or selectable, not both.")
        for adapter in (*settings.adapters, *settings.selectable):
            if not adapter.is_file():
                raise EmbeddedModelError(f"There is no adapter file {adapter}.")
        _check_port(settings.host, settings.port)
        llama = _import_llama()
        weights = _choose_weights(settings)
        name, label = _names(settings, weights)
        try:
            self._server: Any = llama.Server(_parameters(llama, settings, weights, name))
        except RuntimeError as error:
            raise EmbeddedModelError(
                f"llama.cpp could not serve {weights.name}: the file may not be a model, or memory may not suffice."
            ) from error
        self.served = Served(url=f"{self._server.listening_address}/v1", name=name, label=label)

    def stop(self) -> None:
        """Stop generating, close every connection and free the memory."""
        self._server = None


def serve(settings: EmbeddedSettings, *, announce: Callable[[Served], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` is called once, when requests are answered.

    Must run in the main thread, which alone may receive signals. Raises `EmbeddedModelError`.
    """
    stop = threading.Event()
    _on_signal(_leave)
    server = EmbeddedServer(settings)
    _on_signal(lambda *_: stop.set())
    announce(server.served)
    stop.wait()
    server.stop()


def _on_signal(handler: Callable[[int, FrameType | None], None]) -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, handler)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """While starting, a signal ends the process at once: requantising must not hold up a stop."""
    raise SystemExit(0)


def _import_llama() -> Any:
    try:
        return import_module("xllamacpp")
    except ImportError as error:
        raise EmbeddedModelError("The embedded model needs its runtime: pip install 'medaction[model]'") from error


def _choose_weights(settings: EmbeddedSettings) -> Path:
    if settings.model_dir is not None:
        return find_gguf(settings.model_dir)
    weights = find_weights()
    return weights if settings.requantise_in is None else cached_q8_0(weights, settings.requantise_in)


def _names(settings: EmbeddedSettings, weights: Path) -> tuple[str, str]:
    """Return the model's name and label; only the weights as they came may be called the untuned demo model."""
    if settings.model_dir is None and not settings.adapters:
        return MODEL_NAME, MODEL_LABEL
    base = MODEL_NAME if settings.model_dir is None else weights.stem
    name = "+".join([base, *(adapter.stem for adapter in settings.adapters)])
    return name, name


def _parameters(llama: Any, settings: EmbeddedSettings, weights: Path, name: str) -> Any:
    parameters = llama.CommonParams()
    parameters.model.path = str(weights)
    parameters.model_alias = {name}
    parameters.hostnames = [settings.host]
    parameters.port = settings.port
    parameters.n_ctx = settings.context_tokens * settings.parallel
    parameters.n_parallel = settings.parallel
    threads = settings.threads or min(len(os.sched_getaffinity(0)), MAX_THREADS)
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.n_batch = parameters.n_ubatch = BATCH_TOKENS
    parameters.cache_prompt = True
    # Kept prompts are found by their words alone, so those of one adapter would be taken for another's. A slot forgets
    # its prompt when a request names other adapters, but not when it names none: our client always says (NO_ADAPTER).
    parameters.cache_ram_mib = 0 if settings.selectable else PROMPT_CACHE_MIB
    applied = [llama.CommonAdapterLoraInfo(str(path), 1.0) for path in settings.adapters]
    parameters.lora_adapters = applied or [llama.CommonAdapterLoraInfo(str(path), 0.0) for path in settings.selectable]
    parameters.api_keys = [settings.api_key] if settings.api_key else []
    # Only the API: no page of its own, no view of other people's prompts, no calls from other web pages.
    parameters.ui = False
    parameters.endpoint_slots = False
    # Counts only, and for those with the key: how many answers are being written.
    parameters.endpoint_metrics = True
    parameters.cors_origins = ""
    parameters.offline = True
    parameters.verbosity = 0
    return parameters


def _check_port(host: str, port: int) -> None:
    """llama.cpp does not say why it cannot listen; this does."""
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise EmbeddedModelError(f"Cannot listen on {host}:{port}: {error.strerror or error}.") from error
