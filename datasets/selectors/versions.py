"""Datasets, their versions and exports as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Prefetch, Q, QuerySet

from datasets.models import Dataset, DatasetVersion, Export, Selection
from diagnosis.models import Case
from medaction.corpus import compare_manifests

GROUPS = """
SELECT count(*) FILTER (WHERE was.id IS NULL), count(*) FILTER (WHERE now.id IS NULL),
    count(*) FILTER (WHERE was.split <> now.split)
FROM (SELECT * FROM datasets_splitgroup WHERE version_id = %s) AS was
FULL JOIN (SELECT * FROM datasets_splitgroup WHERE version_id = %s) AS now USING (group_key)
"""
FROZEN = Q(versions__state=DatasetVersion.State.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """What changed since ``before``: case groups, and the settings that decide a version."""

    before: DatasetVersion
    added: int
    removed: int
    moved: int
    settings: list[dict[str, str]]

    @property
    def same(self) -> bool:
        return not (self.added or self.removed or self.moved or self.settings)


def list_datasets() -> QuerySet[Dataset]:
    """By name, each with its owner, ``version_count`` (frozen ones) and ``latest`` (when one was last frozen)."""
    counted = Dataset.objects.annotate(
        version_count=Count("versions", filter=FROZEN), latest=Max("versions__finished_at", filter=FROZEN)
    )
    return counted.select_related("owner").order_by("name")


def get_dataset(slug: str) -> Dataset:
    """Raises ``Dataset.DoesNotExist``."""
    return Dataset.objects.select_related("owner").get(slug=slug)


def list_versions(dataset: Dataset | None = None) -> QuerySet[DatasetVersion]:
    """Newest first, each with its dataset and owner. ``dataset``: of this one."""
    versions = DatasetVersion.objects if dataset is None else dataset.versions
    return versions.select_related("dataset", "owner").defer("manifest", "card").order_by("-queued_at")


def list_selectable() -> QuerySet[Selection]:
    """Selections of runs that are over and have scored trees, newest first, each with its run."""
    over = Selection.objects.filter(run__finished_at__isnull=False, run__grown_count__gt=0, run__metric_version__gt="")
    return over.select_related("run").defer("run__manifest").order_by("-run__created_at", "-created_at")


def list_sources() -> list[str]:
    """Where the cases here are from."""
    return list(Case.objects.order_by("source").values_list("source", flat=True).distinct())


def get_version(version_id: UUID | str) -> DatasetVersion:
    """With its dataset, selections (with their runs) and exports, newest first. Raises ``DoesNotExist``."""
    exports = Prefetch("exports", Export.objects.select_related("owner").order_by("-queued_at"))
    versions = DatasetVersion.objects.select_related("dataset", "owner", "snapshot__rubric_version__rubric")
    return versions.defer("snapshot__held").prefetch_related(exports, "selections__run").get(pk=version_id)


def compare_with_previous(version: DatasetVersion) -> VersionDiff | None:
    """None for one that is not frozen, and for the first."""
    earlier = DatasetVersion.objects.filter(dataset=version.dataset_id, number__lt=version.number)
    before = earlier.filter(state=DatasetVersion.State.SUCCEEDED).order_by("-number").first()
    if before is None or not version.is_frozen:
        return None
    with connection.cursor() as cursor:
        cursor.execute(GROUPS, [before.pk, version.pk])
        added, removed, moved = cursor.fetchone()
    settings = [
        {name: _tell(value) for name, value in found.items()}
        for found in compare_manifests(before.manifest, version.manifest)
    ]
    return VersionDiff(before, added, removed, moved, settings)


def get_export(export_id: UUID | str) -> Export:
    """An export whose file is there. Raises ``Export.DoesNotExist``."""
    return Export.objects.select_related("version__dataset").get(pk=export_id, state=Export.State.SUCCEEDED)


def _tell(value: Any) -> str:
    """A value of a manifest in a line."""
    if isinstance(value, dict):
        return str(value.get("fingerprint") or value.get("case") or value)[:24]
    if isinstance(value, Iterable) and not isinstance(value, str):
        told = [_tell(item) for item in value]
        return ", ".join(told[:4]) + (f" and {len(told) - 4} more" if len(told) > 4 else "") or "none"
    return "none" if value is None else str(value)


def find_version(content_hash: str) -> DatasetVersion | None:
    """The frozen version with this hash, if it is in this database."""
    if not content_hash:
        return None
    return DatasetVersion.objects.select_related("dataset").filter(content_hash=content_hash).first()
