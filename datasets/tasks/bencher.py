"""A policy as this process has it, for a benchmark run: opened once, used for all its cases that come here."""

import asyncio
from typing import Any

from datasets.models import BenchmarkRun
from datasets.selectors.benchmarks import list_run_records
from datasets.services import bench_starting
from datasets.services.benching import PendingResult
from datasets.services.contenders import open_contender, why_switched_off
from datasets.services.errors import RunRefused
from medaction.bench import BenchSettings, bench_case, build_report, describe_run
from medaction.distill.manifest import list_differences
from medaction.distill.policies.teachers import OpenTeachers
from medaction.domain.noise import NoiseSettings
from medaction.knowledge import KnowledgeGraph
from review.selectors.graph import open_site_graph


class BencherRefusal(Exception):  # noqa: N818 - a refusal, not a fault
    """This process would measure something else than the run asks for."""


class Bencher:
    """One run's."""

    def __init__(self, run: BenchmarkRun, graph: KnowledgeGraph) -> None:
        self.run_id, self._policy = run.pk, run.policy
        self._graph = graph
        self._settings = read_settings(run.settings)
        _require_same(run, graph, self._settings)
        self._teachers = OpenTeachers(open_contender(run.policy, run.seed), graph)
        self._runner = asyncio.Runner()

    def work_up(self, pending: PendingResult) -> dict[str, Any]:
        """The record of one result. Raises ``ModelError`` from a policy over a network, and :class:`BencherRefusal`
        for a model that was switched off meanwhile."""
        if reason := why_switched_off(self._policy):
            raise BencherRefusal(reason)
        policy = self._teachers.of(pending.case)
        asked = bench_case(pending.case, policy, self._graph, self._settings, sample=pending.row.sample)
        return self._runner.run(asked)

    def report(self, run: BenchmarkRun) -> tuple[dict[str, Any], int]:
        """The report of the records there are, and of how many."""
        records = list_run_records(run)
        about = {
            **describe_run(self._graph, self._settings),
            "benchmark": {"name": run.benchmark.name, "hash": run.benchmark.content_hash},
            "policy": run.policy_label,
        }
        return build_report(records, about, seed=run.seed), len(records)

    def close(self) -> None:
        self._runner.run(self._teachers.aclose())
        self._runner.close()


def read_settings(values: dict[str, Any]) -> BenchSettings:
    """What a run stored of its settings."""
    noise = values["noise"]
    return BenchSettings(**{**values, "noise": noise and NoiseSettings(**noise)})


def _require_same(run: BenchmarkRun, graph: KnowledgeGraph, settings: BenchSettings) -> None:
    """Go on only with the program, the policy and the graph that the run was started with."""
    try:
        now = bench_starting.describe_run(run.benchmark, run.policy, settings, graph.hash)
        differences = list_differences(run.manifest, now)
    except RunRefused as refusal:
        raise BencherRefusal(str(refusal)) from refusal
    if differences:
        told = "; ".join(differences)[:250]
        raise BencherRefusal(f"The program has changed since this run was started ({told}). Start a new run.")


_held: list[Bencher] = []
"""The one of this process: a worker does one piece of work at a time."""


def get_bencher(run: BenchmarkRun) -> Bencher:
    """Raises :class:`BencherRefusal`, ``KnowledgeError``."""
    if not _held or _held[0].run_id != run.pk:
        for other in _held:
            other.close()
        _held[:] = [Bencher(run, open_site_graph())]
    return _held[0]
