"""Records of many cases, several at a time in this process or in several; always in the order of the work."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medaction.distill.policies.teachers import OpenTeachers, Teachers
from medaction.distill.pool import map_in_processes
from medaction.domain.case import Case
from medaction.inference.errors import ModelError
from medaction.knowledge import KnowledgeGraph, open_graph

from .record import bench_case
from .settings import BenchSettings

FIRST_WAIT = 1.0
"""Seconds before a case is begun again; twice as long each time."""

Work = tuple[Case, int]
"""A case and the number of its sample."""


@dataclass(frozen=True, slots=True)
class Job:
    """What running needs beside the cases; can be sent to another process. ``cache``: the graph's folder.

    ``retries``: how often a case is begun again when a server failed in a way that may pass. It is the same case with
    the same seeds, so a retry changes no figure.
    """

    teachers: Teachers
    settings: BenchSettings
    cache: Path | None = None
    retries: int = 2


class BenchError(RuntimeError):
    """A case that could not be run; the message names it."""


def run_cases(
    work: Sequence[Work],
    job: Job,
    graph: KnowledgeGraph,
    take: Callable[[dict[str, Any]], None],
    *,
    processes: int = 1,
    parallel: int = 1,
) -> None:
    """One record for each piece of work, given to ``take``. ``parallel`` cases at a time in one process serve policies
    over a network; ``processes`` those that compute. Raises what ``take`` raises, :class:`BenchError`, and
    ``PoolError`` when a process died; ``KeyboardInterrupt`` leaves nothing running."""
    if processes == 1:
        asyncio.run(_run_side_by_side(work, job, graph, take, parallel))
        return
    with closing(map_in_processes(_run_here, work, processes, start=_begin, args=(job,))) as records:
        for record in records:
            take(record)


async def _run_side_by_side(
    work: Sequence[Work], job: Job, graph: KnowledgeGraph, take: Callable[[dict[str, Any]], None], parallel: int
) -> None:
    teachers = OpenTeachers(job.teachers, graph)
    begun: deque[asyncio.Task[dict[str, Any]]] = deque()
    try:
        for one in work:
            begun.append(asyncio.create_task(_run(one, job, teachers, graph)))
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


async def _run(one: Work, job: Job, teachers: OpenTeachers, graph: KnowledgeGraph) -> dict[str, Any]:
    case, sample = one
    attempt = 0
    while True:
        attempt += 1
        try:
            record = await bench_case(case, teachers.of(case), graph, job.settings, sample=sample)
        except ModelError as error:
            if not error.retryable or attempt > job.retries:
                tried = f" ({attempt} attempts)" if attempt > 1 else ""
                raise BenchError(f"case {case.id}: {error}{tried}") from error
            await asyncio.sleep(FIRST_WAIT * 2 ** (attempt - 1))
        except Exception as error:
            # A fault of a policy stops the run, and says where: a case left out would change every figure.
            raise BenchError(f"case {case.id}: {error!r}") from error
        else:
            return {**record, "attempts": attempt}


@dataclass
class _Worker:
    job: Job
    graph: KnowledgeGraph
    teachers: OpenTeachers
    runner: asyncio.Runner


_workers: list[_Worker] = []
"""The one of this process."""


def _begin(job: Job) -> None:
    graph = open_graph(job.cache)
    _workers[:] = [_Worker(job, graph, OpenTeachers(job.teachers, graph), asyncio.Runner())]


def _run_here(one: Work) -> dict[str, Any]:
    worker = _workers[0]
    return worker.runner.run(_run(one, worker.job, worker.teachers, worker.graph))
