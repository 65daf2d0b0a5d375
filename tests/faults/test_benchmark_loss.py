"""A benchmark run on workers of their own, one of them killed in mid-run: every case once, none lost, one report."""

import pytest

from datasets.models import BenchmarkChunk, BenchmarkResult, BenchmarkRun
from datasets.services.bench_starting import bench_settings, start_benchmark_run
from datasets.services.contenders import Contender
from diagnosis.models import Trajectory
from tests.datasets import factories
from tests.stack.processes import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.fault]


@pytest.fixture
def growth(stack, graph):
    """The growth worker of this test."""
    yield stack.growth
    stack.growth.kill()


def test_a_worker_killed_in_mid_run_leaves_neither_loss_nor_duplicate(stack, growth, settings):
    settings.DATASETS = {**settings.DATASETS, "CHUNK_CASES": 4}
    benchmark = factories.make_benchmark(factories.make_cases(24))
    chosen = bench_settings(benchmark, {"seed": 1})
    run, _ = start_benchmark_run(
        owner=None, benchmark=benchmark, contender=Contender("kg", "Knowledge graph"), settings=chosen
    )
    results = BenchmarkResult.objects.filter(run=run)

    def done() -> int:
        return results.filter(record__isnull=False).count()

    def wait(condition, what: str) -> None:
        wait_until(condition, seconds=120, what=what, detail=stack.logs)

    growth.start()
    wait(lambda: done() >= 3, "the first results")
    growth.kill()
    before = done()
    assert before < 24
    second = stack.another_growth_worker()
    growth.start()
    try:
        wait(lambda: BenchmarkRun.objects.get(pk=run.pk).finished_at is not None, "the end of the run")
    finally:
        second.kill()
    run.refresh_from_db()
    assert (run.state, run.done_count, run.failed_count) == ("SUCCEEDED", 24, 0)
    assert done() == Trajectory.objects.filter(origin="BENCHMARK").count() == 24
    assert (run.report["n"], run.report["records"]) == (24, 24)
    assert BenchmarkChunk.objects.filter(run=run, attempt__gte=2).exists()
    assert not BenchmarkChunk.objects.filter(run=run).exclude(state="SUCCEEDED").exists()
