"""A policy over cases in this process: the records, and the report of them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from medaction.distill.policies import Policy
from medaction.domain.case import Case
from medaction.knowledge import KnowledgeGraph

from .protocols import PROTOCOLS
from .record import bench_case
from .report import build_report
from .sampling import keep_told_elsewhere
from .settings import BenchSettings


async def run_bench(
    cases: Sequence[Case],
    policy: Policy,
    graph: KnowledgeGraph,
    settings: BenchSettings | None = None,
    *,
    parallel: int = 1,
    on_done: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """The report, ready for JSON. Raises what the policy raises: a broken endpoint makes no figures."""
    settings = settings or BenchSettings()
    kept = choose_cases(cases, graph, settings)
    limit = asyncio.Semaphore(parallel)
    done = 0

    async def run_one(case: Case, sample: int) -> dict[str, Any]:
        nonlocal done
        async with limit:
            record = await bench_case(case, policy, graph, settings, sample=sample)
        done += 1
        if on_done:
            on_done(done)
        return record

    work = [(case, sample) for case in kept for sample in range(settings.samples)]
    records = await asyncio.gather(*(run_one(*one) for one in work))
    about = describe_run(graph, settings, left_out=len(cases) - len(kept))
    return build_report(records, about, seed=settings.seed)


def choose_cases(cases: Sequence[Case], graph: KnowledgeGraph, settings: BenchSettings) -> list[Case]:
    """Those that the settings allow to be scored."""
    return keep_told_elsewhere(graph, cases) if settings.without_own_paper else list(cases)


def describe_run(graph: KnowledgeGraph, settings: BenchSettings, *, left_out: int = 0) -> dict[str, Any]:
    """What a report says of its run. ``left_out`` cases were given and not allowed."""
    return {
        **settings.to_dict(),
        "graph": graph.hash,
        "prompt": PROTOCOLS[settings.protocol].prompt_hash,
        "cases_left_out": left_out,
        "candidate_diseases": int(graph.ranker.profiles.coded.sum()),
    }
