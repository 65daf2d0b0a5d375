"""Records of many cases side by side: in order, begun again where a server fails, and stopped cleanly."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from medaction.bench import BenchSettings
from medaction.bench import crew as crew_module
from medaction.bench.crew import BenchError, Job, run_cases
from medaction.distill.policies.teachers import CHAT, Teachers
from medaction.knowledge import KnowledgeGraph, open_graph
from tests.fake_upstream import Answer, FakeUpstream
from tests.medaction.distill.small_cases import make_case

CASES = [replace(make_case(), id=f"case-{number}") for number in range(4)]
WORK = [(case, 0) for case in CASES]


@pytest.fixture(scope="module")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


def over_a_server(check: Callable[[FakeUpstream], None]) -> None:
    """``check`` in a thread of its own: it starts its own loop."""

    async def serve() -> None:
        async with FakeUpstream(Answer(tps=0, tokens=10)) as upstream:
            await asyncio.to_thread(check, upstream)

    asyncio.run(serve())


def job(upstream: FakeUpstream, **options: Any) -> Job:
    return Job(Teachers(((CHAT, 1.0),), model="fake", base_url=upstream.url), BenchSettings(), **options)


def test_side_by_side_gives_the_records_of_one_by_one(graph: KnowledgeGraph) -> None:
    def check(upstream: FakeUpstream) -> None:
        runs: list[list[dict[str, Any]]] = [[], []]
        for parallel, taken in zip((1, 4), runs, strict=True):
            run_cases(WORK, job(upstream), graph, taken.append, parallel=parallel)
        one, four = ([{k: v for k, v in record.items() if k != "seconds"} for record in run] for run in runs)
        assert one == four
        assert [record["id"] for record in one] == [case.id for case in CASES]

    over_a_server(check)


def test_a_server_that_fails_once_is_asked_again(graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "FIRST_WAIT", 0.0)

    def check(upstream: FakeUpstream) -> None:
        taken: list[dict[str, Any]] = []
        upstream.queue.append(Answer(mode="reset"))
        run_cases(WORK[:2], job(upstream), graph, taken.append)
        assert [record["attempts"] for record in taken] == [2, 1]
        upstream.queue.extend([Answer(mode="reset")] * 2)
        with pytest.raises(BenchError, match=r"case case-0: .* \(2 attempts\)"):
            run_cases(WORK[:2], job(upstream, retries=1), graph, taken.append)
        assert len(taken) == 2

    over_a_server(check)


@pytest.mark.parametrize("parallel", [1, 3])
def test_an_interrupt_leaves_nothing_running(graph: KnowledgeGraph, parallel: int) -> None:
    def check(upstream: FakeUpstream) -> None:
        taken: list[str] = []

        def take(record: dict[str, Any]) -> None:
            if taken:
                raise KeyboardInterrupt
            taken.append(record["id"])

        with pytest.raises(KeyboardInterrupt):
            run_cases(WORK, job(upstream), graph, take, parallel=parallel)
        assert taken == ["case-0"]

    over_a_server(check)
    # The server has ended: it would have waited for a request that is still open.
