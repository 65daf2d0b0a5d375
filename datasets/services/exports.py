"""A frozen version written in one format: one file, with its checksum, offered when it is whole."""

from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import IntegrityError, transaction

from datasets.models import DatasetVersion, Export
from datasets.services.announcing import announce_export
from datasets.services.building import GoOn, write_version
from datasets.services.errors import VersionRefused
from datasets.services.packing import pack
from datasets.services.versions import read_recipe
from datasets.services.working import State, claim_work, end_work, put_before_workers, release_work
from datasets.services.workshop import work_folder
from medaction.corpus import KnownLeaks
from medaction.corpus.files import hash_file
from medaction.corpus.manifest import read_manifest
from medaction.formats.training import FORMATS

GIVEN_UP = (State.FAILED, State.CANCELLED)


def create_export(*, owner: Any, version: DatasetVersion, format: str) -> tuple[Export, bool]:  # noqa: A002 - users' word
    """QUEUED, and whether it is new: a format that is there, or on its way, is not written again.

    Raises :class:`VersionRefused`.
    """
    if not version.is_frozen:
        raise VersionRefused("This version is not built yet.")
    if format not in FORMATS:
        raise VersionRefused(f"There is no format {format}; the formats are {', '.join(FORMATS)}.")
    same = version.exports.filter(format=format).exclude(state__in=GIVEN_UP)
    if (known := same.first()) is not None:
        return known, False
    try:
        with transaction.atomic():
            export = Export.objects.create(version=version, format=format, owner=owner)
            put_before_workers(Export, [export.pk])
            announce_export(export)
    except IntegrityError:
        return same.get(), False
    return export, True


def claim_export(*, export_id: str, worker: str) -> Export | None:
    with transaction.atomic():
        export = claim_work(model=Export, work_id=export_id, worker=worker)
        if export is not None:
            announce_export(export)
        return export


def write_export(export: Export, go_on: GoOn) -> bool:
    """False when another attempt holds it. ``go_on`` is called between trees and may raise; no file is offered then.

    Raises ``CorpusError``, ``RunError``, ``ServiceError`` and ``OSError``.
    """
    version = export.version
    told = version.manifest["leaks"]
    finder = None if told["benchmark_cases"] is None else KnownLeaks(told)
    _remove_left(export)
    with work_folder(export) as folder:
        out = write_version(version, read_recipe(version, format=export.format), finder, folder, go_on)
        manifest = read_manifest(out)
        _require_same(version, manifest)
        archive = folder / "export.zip"
        pack(out, archive)
        go_on()
        values = {
            "sha256": hash_file(archive),
            "size_bytes": archive.stat().st_size,
            "row_count": sum(about["rows"] for about in manifest["splits"].values()),
        }
        return _offer(export, archive, values)


def fail_export(export: Export, message: str) -> bool:
    with transaction.atomic():
        announce_export(export)
        return end_work(work=export, state=State.FAILED, error=message)


def release_export(export: Export) -> None:
    with transaction.atomic():
        announce_export(export)
        release_work(work=export)


def _offer(export: Export, archive: Path, values: dict[str, Any]) -> bool:
    """Each attempt has a file name of its own, so that one that was given up cannot touch another's file."""
    storage = export.file.storage
    with archive.open("rb") as file:
        name = storage.save(_name(export, export.attempt), File(file))
    done = False
    try:
        with transaction.atomic():
            announce_export(export)
            done = end_work(work=export, state=State.SUCCEEDED, file=name, **values)
    finally:
        if not done:
            storage.delete(name)
    return done


def _remove_left(export: Export) -> None:
    """What attempts left that were killed between their file and their commit."""
    for attempt in range(1, export.attempt):
        export.file.storage.delete(_name(export, attempt))


def _name(export: Export, attempt: int) -> str:
    return export.file.field.generate_filename(export, f"{export.pk}-{attempt}.zip")


def _require_same(version: DatasetVersion, manifest: dict[str, Any]) -> None:
    """Trees are never changed; but a file that says it is this version must not be taken on trust."""
    for part in ("counts", "verdicts", "licences", "reviews"):
        if _without_rows(manifest.get(part)) != _without_rows(version.manifest.get(part)):
            raise VersionRefused(f"The trees are not those this version was built from: their {part} differ.")


def _without_rows(counts: Any) -> Any:
    """Rows depend on the format."""
    if not isinstance(counts, dict):
        return counts
    return {name: _without_rows(value) for name, value in counts.items() if name != "rows"}
