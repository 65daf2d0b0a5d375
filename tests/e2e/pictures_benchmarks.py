"""Pictures of the pages of benchmarks, kept as ``pictures`` keeps the others."""

import pytest

from tests.datasets import factories
from tests.datasets.bench_runs import copies, make_done_run
from tests.e2e.pictures import FOLDER, LOOKS
from tests.e2e.test_data import manager as manager


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_benchmarks(visitor, manager, stack, settings, graph, look):
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    FOLDER.mkdir(exist_ok=True)
    benchmark = factories.make_benchmark(copies(36), manager, name="Teaching cases")
    runs = [make_done_run(benchmark, manager, policy=policy) for policy in ("kg", "anchored", "random")]
    factories.make_bench_run(benchmark, manager, policy="kg", policy_label="Knowledge graph", seed=3)
    path = runs[0].results.order_by("position")[0].trajectory_id
    page = visitor.open("/data/benchmarks/", manager, **LOOKS[look])
    places = {
        "benchmarks": "/data/benchmarks/",
        "benchmark": "/data/benchmarks/teaching-cases/",
        "benchmark-new": "/data/benchmarks/new/",
        "benchmark-run-new": "/data/benchmarks/teaching-cases/runs/new/",
        "benchmark-compare": f"/data/benchmarks/teaching-cases/compare/?run={runs[0].pk}&run={runs[2].pk}",
        "benchmark-run": f"/data/benchmark-runs/{runs[0].pk}/",
        "benchmark-path": f"/data/benchmark-results/{path}/",
    }
    for name, place in places.items():
        page.goto(stack.url + place)
        page.screenshot(path=FOLDER / f"data-{name}-{look}.png", full_page=True)
