"""Building a version, fenced: all of it is stored in one transaction, which also freezes it, or nothing is."""

from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from datasets.models import DatasetVersion, SplitGroup
from datasets.services.announcing import announce_version
from datasets.services.review_sets import write_reviews
from datasets.services.run_export import export_run
from datasets.services.versions import BENCHMARKS, SOURCES, list_kept_apart, read_recipe
from datasets.services.working import State, claim_work, end_work, held, release_work
from datasets.services.workshop import work_folder
from medaction import corpus
from medaction.corpus.files import read_rows
from medaction.corpus.manifest import CARD, ROWS, read_manifest
from medaction.corpus.reviewed import ReviewSource
from medaction.corpus.sources import Source, order_runs
from medaction.distill.runs import open_run
from medaction.domain.case import Case as DomainCase
from medaction.formats.training import FORMATS

GoOn = Callable[[], None]


def claim_version(*, version_id: str, worker: str) -> DatasetVersion | None:
    with transaction.atomic():
        version = claim_work(model=DatasetVersion, work_id=version_id, worker=worker)
        if version is not None:
            announce_version(version)
        return version


def build_version(version: DatasetVersion, go_on: GoOn) -> bool:
    """False when another attempt holds it. ``go_on`` is called between trees and may raise; nothing is stored then.

    Raises ``CorpusError``, ``RunError``, ``ServiceError`` and ``OSError``.
    """
    with work_folder(version) as folder:
        apart = version.recipe[SOURCES], version.recipe.get(BENCHMARKS, ())
        finder = _open_finder(*apart, version.recipe["near"]) if any(apart) else None
        out = write_version(version, read_recipe(version), finder, folder, go_on)
        manifest = read_manifest(out)
        groups = _list_groups(out, manifest, go_on)
        card = (out / CARD).read_text(encoding="utf-8")
    with transaction.atomic():
        if not held(version).select_for_update().exists():
            return False
        SplitGroup.objects.bulk_create(
            (SplitGroup(version=version, group_key=group, split=split) for group, split in groups.items()),
            batch_size=2000,
        )
        announce_version(version)
        return end_work(
            work=version,
            state=State.SUCCEEDED,
            manifest=manifest,
            content_hash=manifest["hash"],
            counts=manifest["counts"],
            licences=sorted(manifest["licences"]),
            card=card,
        )


def write_version(
    version: DatasetVersion,
    recipe: corpus.Recipe,
    benchmark: corpus.LeakFinder | corpus.KnownLeaks | None,
    folder: Path,
    go_on: GoOn,
) -> Path:
    """The folder that the command line would write of the version's source, as it was when it was asked for."""
    out = folder / "version"
    source = _open_source(version, recipe, folder, go_on)
    corpus.write_version(source, out, recipe, benchmark=benchmark, on_tree=go_on)
    return out


def _open_source(version: DatasetVersion, recipe: corpus.Recipe, folder: Path, go_on: GoOn) -> Source:
    if version.snapshot is not None and recipe.review is not None:
        written = write_reviews(snapshot=version.snapshot, path=folder / "reviews", go_on=go_on)
        return ReviewSource(written, recipe.review)
    runs = []
    for selection in version.selections.select_related("run"):
        path = folder / str(selection.pk)
        export_run(
            run=selection.run,
            path=path,
            selection=selection,
            until=version.queued_at,
            scores=FORMATS[recipe.format].reads_scores,
            go_on=go_on,
        )
        runs.append(open_run(path))
    return order_runs(runs)


def fail_version(version: DatasetVersion, message: str) -> bool:
    with transaction.atomic():
        announce_version(version)
        return end_work(work=version, state=State.FAILED, error=message)


def release_version(version: DatasetVersion) -> None:
    with transaction.atomic():
        announce_version(version)
        release_work(work=version)


def _open_finder(sources: list[str], benchmarks: list[str], near: float) -> corpus.LeakFinder:
    """Every revision counts: an earlier one was read by somebody too."""
    payloads = list_kept_apart(sources, benchmarks).order_by("pk").values_list("payload", flat=True)
    return corpus.LeakFinder((DomainCase.from_dict(payload) for payload in payloads.iterator(500)), near)


def _list_groups(out: Path, manifest: dict, go_on: GoOn) -> dict[str, str]:
    groups: dict[str, str] = {}
    for split, about in manifest["splits"].items():
        for row in read_rows(out / ROWS / about["file"]):
            go_on()
            groups[row["group"]] = split
    return groups
