"""Trees of many cases, several at a time in this process or in several; always in the order of the cases."""

import asyncio
from collections import deque
from collections.abc import Generator, Iterable, Sequence
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
    cases: Sequence[Case], growth: Growth, graph: KnowledgeGraph, *, processes: int = 1, parallel: int = 1
) -> Generator[Grown]:
    """One tree a case. ``parallel`` trees at a time in one process serve policies over a network; ``processes`` those
    that compute. Raises :class:`GrowthError`, and :class:`.pool.PoolError` when a process died. Close it to stop."""
    if processes > 1:
        yield from map_in_processes(_grow_here, cases, processes, start=_begin, args=(growth,))
        return
    teachers = OpenTeachers(growth.teachers, graph)
    begun: deque[asyncio.Task[Grown]] = deque()
    # The loop runs only while a tree is waited for; closing the runner cancels what is begun.
    with asyncio.Runner() as runner:
        try:
            for case in cases:
                begun.append(runner.get_loop().create_task(_grow(case, growth, teachers)))
                if len(begun) >= parallel:
                    yield runner.run(_await(begun.popleft()))
            while begun:
                yield runner.run(_await(begun.popleft()))
        finally:
            runner.run(_stop(begun, teachers))


async def _await(task: asyncio.Task[Grown]) -> Grown:
    return await task


async def _stop(begun: Iterable[asyncio.Task[Grown]], teachers: OpenTeachers) -> None:
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
