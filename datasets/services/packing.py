"""A folder as one zip file. No clock, user or order of the disk goes in: the same folder gives the same bytes."""

import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

BEGINNING = (1980, 1, 1, 0, 0, 0)
PIECE = 1 << 20
# What is compressed already; trying again only costs time.
STORED = {".parquet"}


def pack(folder: Path, archive: Path) -> None:
    with ZipFile(archive, "w") as file:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = ZipInfo(path.relative_to(folder).as_posix(), BEGINNING)
            info.compress_type = ZIP_STORED if path.suffix in STORED else ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o100644 << 16
            with path.open("rb") as source, file.open(info, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, PIECE)
