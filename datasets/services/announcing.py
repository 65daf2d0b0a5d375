"""What the world hears after commit. Every failure there is only logged: PostgreSQL already holds the truth."""

from functools import partial

from django.conf import settings
from django.db import transaction

from datasets.models import BenchmarkRun, CaseImport, DatasetVersion, DistillationRun, Export
from diagnosis.streaming.doorbell import ring_import, ring_run, ring_version


def announce_run(run: DistillationRun | BenchmarkRun, *, at_once: bool = True) -> None:
    """``at_once`` False for progress, which pages need not see more often than once a second."""
    transaction.on_commit(partial(ring_run, settings.REDIS_URL, run.pk, at_once=at_once))


def announce_import(upload: CaseImport) -> None:
    transaction.on_commit(partial(ring_import, settings.REDIS_URL, user_id=upload.owner_id, import_id=upload.pk))


def announce_version(version: DatasetVersion) -> None:
    transaction.on_commit(partial(ring_version, settings.REDIS_URL, version.pk))


def announce_export(export: Export) -> None:
    """It stands on the page of its version."""
    transaction.on_commit(partial(ring_version, settings.REDIS_URL, export.version_id))
