"""Starting a run: everything that decides its result is fixed here, and hashed."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from datasets.models import DistillationRun, RunCase, RunChunk, Selection
from datasets.services.announcing import announce_run
from datasets.services.errors import RunRefused
from datasets.services.run_import import find_run
from datasets.services.working import put_before_workers
from diagnosis.models import Case
from medaction.distill.manifest import make_manifest
from medaction.distill.policies.teachers import CHAT, Teachers, read_teachers
from medaction.distill.pruning import Thresholds
from medaction.distill.shape import GrowthConfig
from medaction.domain.canonical import content_hash
from medaction.inference.errors import ModelError
from medaction.metrics import METRIC_VERSION
from review.selectors.graph import find_site_graph

SOURCE = "cases of this site"


def start_run(
    *,
    owner: Any,
    name: str,
    cases: Sequence[Case],
    policy: str,
    config: GrowthConfig,
    thresholds: Thresholds,
    seed: int,
) -> tuple[DistillationRun, bool]:
    """The run, and whether it is new: the same cases, policy, shape and seed again give the run that is there.

    ``cases`` in the order in which they are to grow, each with its content hash. Raises :class:`RunRefused`.
    """
    if not cases:
        raise RunRefused("No case was chosen. Widen the filter.")
    graph = find_site_graph()
    if graph is None:
        raise RunRefused("The knowledge graph is not compiled on this machine yet. Run `medaction kg build` first.")
    teachers = open_teachers(policy, seed)
    described = teachers.describe()
    manifest = make_manifest(
        cases,
        source=SOURCE,
        policy=described,
        graph=graph.hash,
        config=config,
        seed=seed,  # type: ignore[arg-type]
    )
    known = find_run(manifest["fingerprint"])
    if known is not None:
        return known, False
    try:
        with transaction.atomic():
            run = DistillationRun.objects.create(
                name=name,
                owner=owner,
                policy=described["name"],
                policy_label=described["label"],
                config=config.to_dict(),
                thresholds=thresholds.to_dict(),
                seed=seed,
                graph_hash=graph.hash,
                metric_version=METRIC_VERSION,
                manifest=manifest,
                fingerprint=manifest["fingerprint"],
                case_count=len(cases),
            )
            _divide(run, cases)
    except IntegrityError:
        known = find_run(manifest["fingerprint"])
        if known is None:
            raise
        return known, False
    return run, True


def open_teachers(policy: str, seed: int) -> Teachers:
    """As the command line reads them; ``chat`` is the model that the settings name. Raises :class:`RunRefused`."""
    options = {}
    if CHAT in (part.partition(":")[0].strip() for part in policy.split(",")):
        options = {"model": settings.MODEL_NAME, "base_url": settings.MODEL_URL, "api_key": settings.MODEL_API_KEY}
    try:
        return read_teachers(policy, seed=seed, **options)
    except (ModelError, ValueError) as error:
        raise RunRefused(f"The policy cannot be used: {error}.") from error


def _divide(run: DistillationRun, cases: Sequence[Case]) -> None:
    size = settings.DATASETS["CHUNK_CASES"]
    Selection.objects.create(
        run=run,
        owner=run.owner,
        name="Grown with the run",
        thresholds=run.thresholds,
        thresholds_hash=content_hash(run.thresholds),
    )
    count = -(-len(cases) // size)
    chunks = RunChunk.objects.bulk_create(RunChunk(run=run, number=number) for number in range(count))
    RunCase.objects.bulk_create(
        (
            RunCase(run=run, case=case, position=position, chunk=chunks[position // size])
            for position, case in enumerate(cases)
        ),
        batch_size=2000,
    )
    put_before_workers(RunChunk, [chunk.pk for chunk in chunks])
    announce_run(run)
