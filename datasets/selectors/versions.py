"""Dataset versions and their exports as pages show them."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from datasets.models import DatasetVersion, Export


def list_versions() -> QuerySet[DatasetVersion]:
    """Newest first, each with its dataset and owner."""
    return DatasetVersion.objects.select_related("dataset", "owner").defer("manifest", "card").order_by("-queued_at")


def get_version(version_id: UUID | str) -> DatasetVersion:
    """With its dataset, selections (with their runs) and exports, newest first. Raises ``DoesNotExist``."""
    exports = Prefetch("exports", Export.objects.select_related("owner").order_by("-queued_at"))
    versions = DatasetVersion.objects.select_related("dataset", "owner")
    return versions.prefetch_related(exports, "selections__run").get(pk=version_id)


def get_export(export_id: UUID | str) -> Export:
    """An export whose file is there. Raises ``Export.DoesNotExist``."""
    return Export.objects.select_related("version__dataset").get(pk=export_id, state=Export.State.SUCCEEDED)
