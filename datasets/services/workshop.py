"""Where a worker writes what is not done yet: on the disk of the files that come of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from datasets.models import DatasetVersion, Export, Work


@contextmanager
def work_folder(work: Work) -> Iterator[Path]:
    """An empty folder of this attempt, gone afterwards. What killed workers left is removed first."""
    home = Path(settings.MEDIA_ROOT) / "work"
    folder = home / f"{work.pk}-{work.attempt}"
    home.mkdir(parents=True, exist_ok=True)
    for left in home.iterdir():
        if left == folder or not _is_held(left.name):
            shutil.rmtree(left, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_held(name: str) -> bool:
    """Whether the attempt that the folder is named after still works; it was claimed before its folder was made."""
    work_id, _, attempt = name.rpartition("-")
    held = {"pk": work_id, "attempt": attempt, "state": Work.State.RUNNING}
    return any(model.objects.filter(**held).exists() for model in (DatasetVersion, Export))
