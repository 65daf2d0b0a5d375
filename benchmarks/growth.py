"""Growing trees over a model server: what it gains that prompts share their prefixes, and how siblings are asked for.

`python -m benchmarks.growth [--cases FILE] [--limit 8] [--json FILE]`. The server is the tests' fake upstream behind a
model of what costs time in a real one: prompts are read at a fixed pace, except for the part that a prefix cache holds
(blocks of 64 characters, the least recently used dropped first, room for about a dozen prompts); answers are then
written side by side. A prompt is in the cache once it has been read. Two such servers: `queue` looks into the cache
when a request's turn to be read comes, `batch` when it arrives, so that there requests of one moment share nothing.
Real servers lie between. Three ways of asking for the same trees:

  together    the siblings of a point in one moment, as ChatPolicy does
  scattered   one sibling after the other, each behind what the other trees ask for meanwhile
  no cache    together, and the server forgets every prompt: no prefix is shared

The texts differ by seed, as a model's do, and are the same for all: so are the trees.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
from aiohttp import web

from benchmarks.prefix_reuse import prompt_bytes
from medaction.cli.case_files import load_cases
from medaction.distill.growing import grow_case
from medaction.distill.policies.chat import ChatPolicy
from medaction.distill.policies.policy import Reply, View
from medaction.domain.case import Case
from medaction.formats.teaching import load_teaching_cases
from medaction.inference.openai_compatible import OpenAICompatibleModel
from tests.fake_upstream import Answer, FakeUpstream

BLOCK = 64
PACE = 60_000
"""Characters of prompt that the server reads in a second: about 15,000 tokens."""
ROOM = 1_200
"""Blocks in the cache: about a dozen prompts."""


class CachingUpstream(FakeUpstream):
    """The fake upstream, slow to read what it has not read before."""

    def __init__(self, room: int, *, batch: bool) -> None:
        super().__init__(Answer(tps=400, tokens=40))
        self._room = room
        self._batch = batch
        self._blocks: OrderedDict[int, None] = OrderedDict()
        self._reader = asyncio.Lock()
        self.sent = 0
        self.cached = 0

    async def _complete(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        blocks = split_blocks(prompt_bytes(body["messages"]))
        known = self._known(blocks)
        async with self._reader:
            await self._read(blocks, known if self._batch else self._known(blocks))
        # The fake's answer is a function of the messages; a model's is one of the seed as well.
        body["messages"].append({"role": "user", "content": str(body["seed"])})
        request._read_bytes = orjson.dumps(body)
        return await super()._complete(request)

    def _known(self, blocks: Sequence[int]) -> int:
        return next((place for place, block in enumerate(blocks) if block not in self._blocks), len(blocks))

    async def _read(self, blocks: Sequence[int], known: int) -> None:
        self.sent += len(blocks)
        self.cached += known
        await asyncio.sleep((len(blocks) - known) * BLOCK / PACE)
        for block in blocks:
            self._blocks[block] = None
            self._blocks.move_to_end(block)
        while len(self._blocks) > self._room:
            self._blocks.popitem(last=False)


def split_blocks(prompt: bytes) -> list[int]:
    """One number for each whole block, which stands for all that comes before it as well."""
    chain, blocks = 0, []
    for at in range(0, len(prompt) - BLOCK + 1, BLOCK):
        chain = hash((chain, prompt[at : at + BLOCK]))
        blocks.append(chain)
    return blocks


class Scattered(ChatPolicy):
    """One sibling after the other, behind whatever the other trees ask for meanwhile."""

    async def propose(self, view: View, count: int, seed: int, temperature: float) -> list[Reply]:
        return [(await super(Scattered, self).propose(view, 1, seed + p, temperature))[0] for p in range(count)]


SERVERS = ("queue", "batch")
WAYS: dict[str, tuple[Callable[[OpenAICompatibleModel], ChatPolicy], int]] = {
    "together": (ChatPolicy, ROOM),
    "scattered": (Scattered, ROOM),
    "no cache": (ChatPolicy, 0),
}


async def measure(cases: Sequence[Case], server: str, way: str, parallel: int) -> dict[str, Any]:
    make, room = WAYS[way]
    limit = asyncio.Semaphore(parallel)
    async with CachingUpstream(room, batch=server == "batch") as upstream:
        model = OpenAICompatibleModel(base_url=upstream.url, name="fake")
        policy = make(model)

        async def grow(case: Case) -> Any:
            async with limit:
                return await grow_case(case, policy)

        began = perf_counter()
        records = await asyncio.gather(*map(grow, cases))
        seconds = perf_counter() - began
        await model.aclose()
        turns = sum(record.usage["turns"] for record in records)
        return {
            "trees": len(records),
            "turns": turns,
            "requests": len(upstream.log),
            "seconds": round(seconds, 2),
            "turns_per_second": round(turns / seconds, 2),
            "read_before": round(upstream.cached / upstream.sent, 4),
            "nodes": [record.nodes[-1].content_hash for record in records],
        }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--cases", type=Path, help="a case file; without it our teaching cases")
    parser.add_argument("--limit", type=int, default=8)
    parser.add_argument("--parallel", type=int, default=4, help="trees at a time")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    cases = (load_cases(arguments.cases) if arguments.cases else list(load_teaching_cases()))[: arguments.limit]
    told = {
        f"{server}, {way}": asyncio.run(measure(cases, server, way, arguments.parallel))
        for server in SERVERS
        for way in WAYS
    }
    assert len({str(row.pop("nodes")) for row in told.values()}) == 1, "the trees differ"
    print(f"{'asked':>18} {'trees':>6} {'requests':>9} {'seconds':>8} {'turns/s':>8} {'read before':>12} {'speed':>6}")
    for name, row in told.items():
        slowest = told[f"{name.partition(',')[0]}, no cache"]["turns_per_second"]
        print(
            f"{name:>18} {row['trees']:>6} {row['requests']:>9} {row['seconds']:>8.1f} {row['turns_per_second']:>8.1f} "
            f"{row['read_before']:>12.1%} {row['turns_per_second'] / slowest:>5.1f}×"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps({"benchmark": "growth", "cases": len(cases), **told}, indent=1))


if __name__ == "__main__":
    main()
