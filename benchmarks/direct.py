"""The upstream read directly: the least that any stack could add to."""

import json
import time

import aiohttp

from benchmarks.stream import Stream

MESSAGES = [{"role": "system", "content": "Work the case up."}, {"role": "user", "content": "[o1.1] A case."}]

HEAD = '{"reasoning":"'
"""How the upstream's answer begins: no word of it yet, so neither side counts it as the first."""


class Direct:
    def __init__(self, url: str) -> None:
        self._url = url
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def __aenter__(self) -> "Direct":
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._http.close()

    async def watch(self, stream: Stream) -> None:
        stream.asked_at = time.monotonic()
        body = {"model": "fake", "messages": MESSAGES, "stream": True}
        async with self._http.post(f"{self._url}/chat/completions", json=body) as answer:
            stream.answered_at = time.monotonic()
            async for line in answer.content:
                if line.startswith(b"data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        if (text := choice["delta"].get("content")) and text != HEAD:
                            stream.take_parts([["reasoning", text]])
        stream.end("SUCCEEDED")
