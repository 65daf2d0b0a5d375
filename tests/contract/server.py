"""A model server under test, and how many answers it is writing at this moment."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from dataclasses import dataclass

import httpx

from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.timeouts import Timeouts

# Running and waiting, as llama.cpp and vLLM call them.
BUSY = re.compile(
    r"^(?:llamacpp:requests_(?:processing|deferred)|vllm:num_requests_(?:running|waiting))(?:\{.*\})? (\S+)$",
    re.MULTILINE,
)
# Made once: to look must cost the server under test next to nothing.
TLS = ssl.create_default_context()
LOOK_SECONDS = 0.1
PATIENT = Timeouts(connect=10, first_token=120, idle=60, total=170)


@dataclass(frozen=True)
class Server:
    """`refuses_unknown_models`: llama.cpp serves one model and answers under any name; vLLM says 404."""

    url: str
    key: str
    refuses_unknown_models: bool

    def model(self, *, name: str = "", key: str | None = None) -> OpenAICompatibleModel:
        return OpenAICompatibleModel(
            base_url=self.url, name=name, api_key=self.key if key is None else key, timeouts=PATIENT
        )

    async def count_busy(self) -> int:
        """Answers that are being written or wait to be. An `AssertionError` where the server does not tell."""
        address = self.url.removesuffix("/v1") + "/metrics"
        async with httpx.AsyncClient(timeout=60, verify=TLS) as http:
            response = await http.get(address, headers={"Authorization": f"Bearer {self.key}"})
        counts = BUSY.findall(response.raise_for_status().text)
        assert counts, f"{address} tells no count of running requests"
        return round(sum(float(count) for count in counts))

    async def wait_until_idle(self, *, seconds: float) -> float:
        """Return how long it took. An `AssertionError` when it takes longer."""
        began = time.monotonic()
        while await self.count_busy():
            waited = time.monotonic() - began
            assert waited < seconds, f"the server still generates {waited:.2f} s after its client has left"
            await asyncio.sleep(LOOK_SECONDS)
        return time.monotonic() - began
