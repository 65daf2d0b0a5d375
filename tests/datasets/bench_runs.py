"""Benchmark runs that are done, of records as the library writes them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from django.conf import settings as site
from django.utils import timezone

from datasets.models import Benchmark, BenchmarkResult, BenchmarkRun
from datasets.services.benching import outcome_of, store_path
from diagnosis.models import Case
from medaction.bench import BenchSettings, bench_case, build_report, describe_run
from medaction.distill.policies.catalogue import open_policy
from medaction.formats.teaching import load_teaching_cases
from medaction.knowledge import open_graph
from tests.datasets import factories


@cache
def record_of(policy: str, number: int) -> dict[str, Any]:
    """What the policy makes of a packaged case."""
    graph = open_graph(site.GRAPH_CACHE)
    case, chosen = load_teaching_cases()[number], open_policy(policy, lambda: graph)
    with ThreadPoolExecutor(1) as pool:
        # A browser's test has a loop in its own thread.
        return pool.submit(asyncio.run, bench_case(case, chosen, graph, BenchSettings())).result()


def make_done_run(benchmark: Benchmark, owner=None, *, policy: str = "anchored", **values) -> BenchmarkRun:
    """A run with a result of every case; ``values`` as of ``factories.make_bench_run``. The cases are copies of the
    first three packaged ones (``factories.make_cases``), and so are their records."""
    records = []
    run = factories.make_bench_run(
        benchmark, owner, **{"policy": policy, "policy_label": policy.capitalize(), **values}
    )
    rows = list(run.results.select_related("case").order_by("position"))
    for row in rows:
        record = {**record_of(policy, row.position % 3), "id": row.case.slug, "case_hash": row.case.content_hash}
        record |= {"group": row.case.group_key, "graph": run.graph_hash, "metric_version": run.metric_version}
        records.append(record)
        fill(run, row, record)
    BenchmarkResult.objects.bulk_update(
        rows, ["record", "trajectory", "leaf_seq", "outcome", "format_failures"], batch_size=200
    )
    about = {**describe_run(open_graph(site.GRAPH_CACHE), BenchSettings()), "graph": run.graph_hash}
    about |= {"policy": run.policy_label}
    report = build_report(records, about, seed=1)
    run.report = {key: value for key, value in report.items() if key != "cases"}
    run.state, run.done_count = BenchmarkRun.State.SUCCEEDED, len(rows)
    run.started_at = run.progressed_at = run.finished_at = run.reported_at = timezone.now()
    run.save(
        update_fields=["report", "state", "done_count", "started_at", "progressed_at", "finished_at", "reported_at"]
    )
    return run


def fill(run: BenchmarkRun, row: BenchmarkResult, record: dict[str, Any]) -> None:
    row.trajectory_id, row.leaf_seq = store_path(run, row, record["branch"])
    row.record = {key: value for key, value in record.items() if key != "branch"}
    row.outcome, row.format_failures = outcome_of(record), record["format_failures"]


def copies(count: int) -> list[Case]:
    """Copies of the first three packaged cases, in an order that says which is which."""
    return factories.make_cases(count, moulds=3)
