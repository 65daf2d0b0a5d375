"""What reading one token costs: processor time of the model client against the fake upstream in another process.

`python -m benchmarks.client_cost [--streams 100] [--tokens 500] [--loop uvloop] [--json FILE]`. Budget: 30 µs per
token, most of which is the kernel's and aiohttp's: the same streams read by aiohttp alone, unparsed, stand beside it.
The upstream's own time and its punctuality are shown too, so that its limits are not taken for ours.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import uvloop

from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.port import ChatRequest
from tests.fake_upstream import running

BUDGET_US = 30.0


async def read_with_client(url: str, streams: int) -> int:
    """Return the tokens read."""
    model = OpenAICompatibleModel(base_url=url, name="fake")

    async def one(number: int) -> int:
        request = ChatRequest([{"role": "user", "content": f"[o1.1] case {number}"}])
        return sum([1 async for delta in model.stream(request) if delta.text])

    counts = await asyncio.gather(*(one(number) for number in range(streams)))
    await model.aclose()
    return sum(counts)


async def read_unparsed(url: str, streams: int) -> int:
    """The same streams as bytes, through aiohttp alone."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one(number: int) -> int:
            body = {"model": "fake", "messages": [{"role": "user", "content": f"[o1.1] case {number}"}]}
            count = 0
            async with session.post(f"{url}/chat/completions", json=body) as response:
                while chunk := await response.content.readany():
                    count += chunk.count(b'{"content":"')
            return count

        return sum(await asyncio.gather(*(one(number) for number in range(streams))))


def timed(
    reader: Callable[[str, int], Coroutine[Any, Any, int]], url: str, streams: int, loop: str
) -> tuple[int, float, float]:
    """Return tokens read, processor seconds and wall seconds."""
    cpu, wall = time.process_time(), time.monotonic()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if loop == "uvloop" else None) as runner:
        read = runner.run(reader(url, streams))
    return read, time.process_time() - cpu, time.monotonic() - wall


def measure(streams: int, tokens: int, tps: float, loop: str) -> dict[str, float]:
    with running("--tokens", str(tokens), "--tps", str(tps), "--shape", "lorem") as upstream:
        server = psutil.Process(upstream.process.pid)
        before = sum(server.cpu_times()[:2])
        read, cpu, wall = timed(read_with_client, upstream.url, streams, loop)
        server_cpu = sum(server.cpu_times()[:2]) - before
        last = max(record["ended_at"] - record["at"] for record in upstream.log())
        unparsed, bare_cpu, _ = timed(read_unparsed, upstream.url, streams, loop)
    return {
        "streams": streams,
        "tps": tps,
        "tokens_read": read,
        "tokens_lost": streams * tokens - read,
        "client_us_per_token": round(1e6 * cpu / read, 1),
        "aiohttp_us_per_token": round(1e6 * bare_cpu / unparsed, 1),
        "client_cores": round(cpu / wall, 3),
        "upstream_us_per_token": round(1e6 * server_cpu / read, 1),
        "upstream_cores": round(server_cpu / wall, 3),
        "upstream_slowdown": round(last * tps / tokens, 3) if tps else 0.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.client_cost", description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[50, 100, 300])
    parser.add_argument("--tokens", type=int, default=500)
    parser.add_argument("--tps", type=float, default=50.0)
    parser.add_argument("--loop", choices=["asyncio", "uvloop"], default="asyncio")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = [measure(streams, arguments.tokens, arguments.tps, arguments.loop) for streams in arguments.streams]
    print(" ".join(f"{name:>21}" for name in rows[0]))
    for row in rows:
        print(" ".join(f"{value:>21}" for value in row.values()))
    worst = max(row["client_us_per_token"] for row in rows)
    print(f"worst {worst} µs per token; budget {BUDGET_US}: {'met' if worst <= BUDGET_US else 'MISSED'}")
    if arguments.json:
        arguments.json.write_text(
            json.dumps(
                {"benchmark": "client_cost", "loop": arguments.loop, "budget_us": BUDGET_US, "rows": rows}, indent=1
            )
        )


if __name__ == "__main__":
    main()
