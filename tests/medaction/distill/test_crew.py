"""Several trees at a time, in order, and what a fault of a policy says."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from medaction.distill.crew import Grown, Growth, GrowthError, grow_trees
from medaction.distill.policies.teachers import read_teachers
from medaction.distill.shape import GrowthConfig
from medaction.domain.case import Case
from medaction.knowledge import KnowledgeGraph
from tests.fake_upstream import Answer, FakeUpstream
from tests.medaction.distill.small_cases import make_case

CASES = [replace(make_case(), id=f"case-{number}") for number in range(6)]


def growth(policy: str, cache: Path | None = None, **options: str) -> Growth:
    return Growth(read_teachers(policy, **options), GrowthConfig(), seed=2, cache=cache)


def grow(cases: Sequence[Case], graph: KnowledgeGraph, how: Growth, **options: int) -> list[Grown]:
    taken: list[Grown] = []
    grow_trees(cases, how, graph, taken.append, **options)
    return taken


@pytest.fixture(scope="module")
def cache(request: pytest.FixtureRequest) -> Path:
    """Where the graph of the other tests lies, for other processes."""
    return request.config.cache.mkdir("knowledge")


def test_the_order_is_the_cases_whatever_runs_side_by_side(graph: KnowledgeGraph, cache: Path) -> None:
    one = grow(CASES, graph, growth("random"))
    assert [grown.case for grown in one] == [case.id for case in CASES]
    assert grow(CASES, graph, growth("random"), parallel=4) == one
    assert grow(CASES, graph, growth("random", cache), processes=2) == one


def test_parallel_trees_share_a_server(graph: KnowledgeGraph) -> None:
    async def serve(ready: asyncio.Queue[FakeUpstream], stop: asyncio.Event) -> None:
        async with FakeUpstream(Answer(tps=0, tokens=10, delay=0.05)) as upstream:
            await ready.put(upstream)
            await stop.wait()

    def grow_over(upstream: FakeUpstream) -> list[str]:
        trees = grow(CASES[:4], graph, growth("chat", base_url=upstream.url, model="fake"), parallel=4)
        return [orjson.loads(grown.line)["case"] for grown in trees]

    async def run() -> None:
        ready: asyncio.Queue[FakeUpstream] = asyncio.Queue()
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(ready, stop))
        upstream = await ready.get()
        assert await asyncio.to_thread(grow_over, upstream) == [case.id for case in CASES[:4]]
        together = max(sum(a.at <= b.at < (a.ended_at or 0) for a in upstream.log) for b in upstream.log)
        assert together >= 8  # of four trees, three siblings each at their roots
        stop.set()
        await serving

    asyncio.run(run())


@pytest.mark.parametrize(("processes", "parallel"), [(1, 1), (1, 3), (2, 1)])
def test_a_taker_that_cannot_go_on_ends_the_growth(
    graph: KnowledgeGraph, cache: Path, processes: int, parallel: int
) -> None:
    taken: list[str] = []

    def take(grown: Grown) -> None:
        if len(taken) == 2:
            raise OSError("no space left")
        taken.append(grown.case)

    with pytest.raises(OSError, match="no space left"):
        grow_trees(CASES, growth("random", cache), graph, take, processes=processes, parallel=parallel)
    assert taken == ["case-0", "case-1"]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_fault_of_a_policy_names_the_case(graph: KnowledgeGraph, cache: Path, processes: int) -> None:
    broken: Case = replace(CASES[1], o1="")  # nothing to cite: the anchored policy cites the first passage
    with pytest.raises(GrowthError, match=r"case case-1: IndexError"):
        grow([CASES[0], broken], graph, growth("anchored", cache), processes=processes)
