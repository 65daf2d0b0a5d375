"""A file that somebody sent, as files that readers can read. What it claims of its own sizes is not believed."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.conf import settings

from datasets.services.errors import UploadRefused

READABLE = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".yaml", ".yml")
PIECE = 1 << 20
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"


@contextmanager
def unpack(source: BinaryIO, filename: str) -> Iterator[list[tuple[str, Path]]]:
    """The files inside, as (name to show, path), in the order of their names; gone afterwards.

    An archive's members get names of our own on disk. Raises :class:`UploadRefused`.
    """
    with TemporaryDirectory(prefix="medaction-import-") as folder:
        budget = _Budget(settings.DATASETS["UNPACKED_MAX_BYTES"])
        start = source.read(len(ZIP))
        source.seek(0)
        try:
            if start == ZIP:
                files = _unzip(source, Path(folder), budget)
            elif start[:2] == GZIP:
                with gzip.open(source) as unzipped:
                    files = [_save(unzipped, Path(folder), 0, filename.removesuffix(".gz"), budget)]
            else:
                files = [_save(source, Path(folder), 0, filename, budget)]
        except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise UploadRefused(f"The archive is damaged, cut off or encrypted ({error}).") from error
        yield files


class _Budget:
    """What may still be written to disk for one upload."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._left = limit

    def take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise UploadRefused(f"The file unpacks to more than {self.limit // PIECE:,} MB. Split it.")


def _unzip(source: BinaryIO, folder: Path, budget: _Budget) -> list[tuple[str, Path]]:
    most = settings.DATASETS["ARCHIVE_MAX_FILES"]
    with zipfile.ZipFile(source) as archive:
        members = [member for member in archive.infolist() if _is_readable(member)]
        if len(members) > most:
            raise UploadRefused(f"The archive holds more than {most:,} files. Split it.")
        if not members:
            raise UploadRefused(f"The archive holds no file that could be read ({', '.join(READABLE)}).")
        members.sort(key=lambda member: member.filename)
        files = []
        for number, member in enumerate(members):
            with archive.open(member) as file:
                files.append(_save(file, folder, number, member.filename, budget))
        return files


def _is_readable(member: zipfile.ZipInfo) -> bool:
    """Folders, programs, archives in archives and hidden files (macOS adds some) are passed over."""
    path = PurePosixPath(member.filename)
    return not member.is_dir() and not path.name.startswith(".") and path.suffix.lower() in READABLE


def _save(source: BinaryIO, folder: Path, number: int, name: str, budget: _Budget) -> tuple[str, Path]:
    """Only the ending of a name is kept: it tells the format."""
    suffix = PurePosixPath(name.lower()).suffix
    path = folder / f"{number:06}{suffix if suffix in READABLE else ''}"
    with path.open("wb") as target:
        while piece := source.read(PIECE):
            budget.take(len(piece))
            target.write(piece)
    return name, path
