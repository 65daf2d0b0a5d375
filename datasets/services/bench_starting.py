"""Starting a benchmark run: everything that decides its result is fixed here, and hashed."""

from typing import Any

from django.conf import settings as site
from django.db import IntegrityError, transaction

import medaction
from datasets.models import Benchmark, BenchmarkChunk, BenchmarkResult, BenchmarkRun
from datasets.models.run import GIVEN_UP_STATES
from datasets.services.announcing import announce_run
from datasets.services.contenders import Contender, find_release, open_contender
from datasets.services.errors import RunRefused
from datasets.services.working import put_before_workers
from medaction.bench import BenchSettings
from medaction.distill.manifest import code_hash
from medaction.domain.canonical import content_hash
from medaction.domain.prompt import prompt_hash
from medaction.metrics import METRIC_VERSION
from review.selectors.graph import find_site_graph

RUN_FORMAT = "medaction.benchmark-run/1"


def start_benchmark_run(
    *, owner: Any, benchmark: Benchmark, contender: Contender, settings: BenchSettings
) -> tuple[BenchmarkRun, bool]:
    """The run, and whether it is new: the same benchmark, contender and settings again give the run that is there.

    ``settings`` with the benchmark's own protocol (:func:`bench_settings`). Raises :class:`RunRefused`.
    """
    graph = find_site_graph()
    if graph is None:
        raise RunRefused("The knowledge graph is not compiled on this machine yet. Run `medaction kg build` first.")
    manifest = describe_run(benchmark, contender.policy, settings, graph.hash)
    fingerprint = content_hash(manifest)
    if known := _find(fingerprint):
        return known, False
    try:
        with transaction.atomic():
            run = BenchmarkRun.objects.create(
                benchmark=benchmark,
                owner=owner,
                policy=contender.policy,
                policy_label=contender.label,
                release=find_release(contender.policy),
                settings=manifest["settings"],
                seed=settings.seed,
                samples=settings.samples,
                graph_hash=graph.hash,
                metric_version=METRIC_VERSION,
                prompt_hash=manifest["prompt"],
                manifest=manifest,
                fingerprint=fingerprint,
                result_count=benchmark.case_count * settings.samples,
            )
            _divide(run)
    except IntegrityError:
        known = _find(fingerprint)
        if known is None:
            raise
        return known, False
    return run, True


def describe_run(benchmark: Benchmark, policy: str, settings: BenchSettings, graph_hash: str) -> dict[str, Any]:
    """Everything that decides the records of a run here and now. Raises :class:`RunRefused`."""
    release = find_release(policy)
    return {
        "format": RUN_FORMAT,
        "versions": {"medaction": medaction.__version__, "code": code_hash()},
        "benchmark": benchmark.content_hash,
        "policy": open_contender(policy, settings.seed).describe(),
        "release": release and release.content_hash,
        "graph": graph_hash,
        "metrics": METRIC_VERSION,
        "prompt": prompt_hash(),
        "settings": settings.to_dict(),
    }


def bench_settings(benchmark: Benchmark, values: dict[str, Any]) -> BenchSettings:
    """A run's own settings under the benchmark's protocol. Raises :class:`RunRefused`."""
    try:
        return BenchSettings(**{**values, **benchmark.protocol})
    except ValueError as error:
        raise RunRefused(f"These settings do not go together: {error}.") from error


def _divide(run: BenchmarkRun) -> None:
    """Samples of a case stand together, so that a run that is cut short has whole cases."""
    cases = list(run.benchmark.cases.order_by("position").values_list("case", flat=True))
    asked = [(case, sample) for case in cases for sample in range(run.samples)]
    size = site.DATASETS["CHUNK_CASES"]
    count = -(-len(asked) // size)
    chunks = BenchmarkChunk.objects.bulk_create(BenchmarkChunk(run=run, number=number) for number in range(count))
    BenchmarkResult.objects.bulk_create(
        (
            BenchmarkResult(run=run, case_id=case, sample=sample, position=place, chunk=chunks[place // size])
            for place, (case, sample) in enumerate(asked)
        ),
        batch_size=2000,
    )
    put_before_workers(BenchmarkChunk, [chunk.pk for chunk in chunks])
    announce_run(run)


def _find(fingerprint: str) -> BenchmarkRun | None:
    return BenchmarkRun.objects.filter(fingerprint=fingerprint).exclude(state__in=GIVEN_UP_STATES).first()
