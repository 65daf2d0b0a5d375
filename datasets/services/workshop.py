"""Where a worker writes what is not done yet: on the disk of the files that come of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from datasets.models import Work


@contextmanager
def work_folder(work: Work) -> Iterator[Path]:
    """An empty folder of this attempt, gone afterwards. What killed attempts before it left is removed."""
    home = Path(settings.MEDIA_ROOT) / "work"
    for number in range(work.attempt):
        shutil.rmtree(home / f"{work.pk}-{number}", ignore_errors=True)
    folder = home / f"{work.pk}-{work.attempt}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
