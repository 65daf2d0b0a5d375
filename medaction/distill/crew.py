"""Trees of many cases, several at a time in this process or in several; always in the order of the cases."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import orjson

from medaction.domain.case import Case
from medaction.inference.errors import ModelError
from medaction.knowledge import KnowledgeGraph, open_graph

from .growing import grow_case
from .policies.teachers import OpenTeachers, Teachers
from .pool import map_in_processes
from .record import LeafEnd
from .shape import GrowthConfig


@dataclass(frozen=True, slots=True)
class Growth:
    """What growing needs beside the cases; can be sent to another process. ``cache``: the graph's folder."""

    teachers: Teachers
    config: GrowthConfig
    seed: int
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class Grown:
    """``line``: the tree as JSON. ``branches`` are those that count, without the ``merged`` ones."""

    line: bytes
    case: str
    policy: str
    turns: int
    branches: int
    merged: int


class GrowthError(RuntimeError):
    """A tree that could not be grown; names its case."""


def grow_trees(
    cases: Sequence[Case],
    growth: Growth,
    graph: KnowledgeGraph,
    take: Callable[[Grown], None],
    *,
    processes: int = 1,
    parallel: int = 1,
) -> None:
    """One tree a case, each given to ``take``. ``parallel`` trees at a time in one process serve policies over a
    network; ``processes`` those that compute. Raises what ``take`` raises, :class:`GrowthError`, and
    :class:`.pool.PoolError` when a process died; ``KeyboardInterrupt`` leaves nothing running."""
    if processes == 1:
        # One loop for all, so that an interrupt cancels what is begun, whenever it comes.
        asyncio.run(_grow_side_by_side(cases, growth, graph, take, parallel))
        return
    with closing(map_in_processes(_grow_here, cases, processes, start=_begin, args=(growth,))) as trees:
        for grown in trees:
            take(grown)


async def _grow_side_by_side(
    cases: Sequence[Case], growth: Growth, graph: KnowledgeGraph, take: Callable[[Grown], None], parallel: int
) -> None:
    teachers = OpenTeachers(growth.teachers, graph)
    begun: deque[asyncio.Task[Grown]] = deque()
    try:
        for case in cases:
            begun.append(asyncio.create_task(_grow(case, growth, teachers)))
            if len(begun) >= parallel:
                take(await begun[0])
                begun.popleft()
        while begun:
            take(await begun[0])
            begun.popleft()
    finally:
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        await teachers.aclose()


async def _grow(case: Case, growth: Growth, teachers: OpenTeachers) -> Grown:
    try:
        record = await grow_case(case, teachers.of(case), growth.config, growth.seed)
    except ModelError as error:
        raise GrowthError(f"case {case.id}: {error}") from error
    except Exception as error:
        # A fault of a policy stops the run, and says where, rather than leave a tree out.
        raise GrowthError(f"case {case.id}: {error!r}") from error
    return Grown(
        line=orjson.dumps(record.to_dict()),
        case=record.case,
        policy=record.policy,
        turns=record.usage["turns"],
        branches=sum(leaf.end is not LeafEnd.MERGED for leaf in record.leaves),
        merged=record.usage["merged"],
    )


@dataclass
class _Worker:
    growth: Growth
    teachers: OpenTeachers
    runner: asyncio.Runner


_workers: list[_Worker] = []
"""The one of this process."""


def _begin(growth: Growth) -> None:
    _workers[:] = [_Worker(growth, OpenTeachers(growth.teachers, open_graph(growth.cache)), asyncio.Runner())]


def _grow_here(case: Case) -> Grown:
    worker = _workers[0]
    return worker.runner.run(_grow(case, worker.growth, worker.teachers))
