"""Whether a version is still what its manifest says."""

from pathlib import Path
from typing import Any

from medaction.formats.training import FORMATS, RowFaultError

from .errors import CorpusError
from .files import hash_file, read_rows
from .leaks import Leak, LeakFinder
from .manifest import ROWS, read_manifest

MOST = 20
"""Faults listed of one kind; the rest is counted."""


def check_version(folder: Path) -> dict[str, Any]:
    """``{"ok", "rows", "faults", "hash"}``; a fault is one sentence. Raises :class:`CorpusError` without a manifest."""
    manifest = read_manifest(folder)
    faults: list[str] = []
    home: dict[str, str] = {}
    seen: set[str] = set()
    total = 0
    for split, about in manifest["splits"].items():
        path = folder / ROWS / about["file"]
        if not path.is_file():
            faults.append(f"{split}: {about['file']} is missing")
            continue
        if hash_file(path) != about["sha256"]:
            faults.append(f"{split}: {about['file']} was changed after it was written")
            continue
        rows = 0
        for row in read_rows(path):
            rows += 1
            faults += _faults_of(manifest["recipe"]["format"], row, split, home, seen)
        total += rows
        if rows != about["rows"]:
            faults.append(f"{split}: {rows} rows, but the manifest says {about['rows']}")
    listed = {about["file"] for about in manifest["splits"].values()}
    faults += [f"{name} is in no split" for name in sorted({p.name for p in (folder / ROWS).glob("*")} - listed)]
    if len(faults) > MOST:
        faults = [*faults[:MOST], f"and {len(faults) - MOST} more"]
    return {"ok": not faults, "rows": total, "faults": faults, "hash": manifest["hash"]}


def _faults_of(name: str, row: dict[str, Any], split: str, home: dict[str, str], seen: set[str]) -> list[str]:
    faults: list[str] = []
    try:
        FORMATS[name].check(row)
    except RowFaultError as error:
        return [f"{split}, row {row.get('id')!r}: {error}"]
    if home.setdefault(row["group"], split) != split:
        faults.append(f"group {row['group']!r} stands in {home[row['group']]} and in {split}")
    if row["id"] in seen:
        faults.append(f"{split}: row {row['id']!r} is there twice")
    seen.add(row["id"])
    return faults


def list_groups(folder: Path) -> set[str]:
    """The case groups of every row of a version. Raises :class:`CorpusError` for a folder that is none."""
    manifest = read_manifest(folder)
    paths = [folder / ROWS / about["file"] for about in manifest["splits"].values()]
    if missing := [path.name for path in paths if not path.is_file()]:
        raise CorpusError(f"{folder} is not whole: {', '.join(missing)} is missing")
    return {row["group"] for path in paths for row in read_rows(path)}


def find_leaks(cases: dict[str, Any], folder: Path, benchmark: LeakFinder) -> list[Leak]:
    """Rows' cases that a benchmark knows. ``cases``: the runs' cases by id, from which the version was built."""
    manifest = read_manifest(folder)
    used = {row["case"] for about in manifest["splits"].values() for row in read_rows(folder / ROWS / about["file"])}
    found = (benchmark.find(cases[name]) for name in sorted(used) if name in cases)
    return [leak for leak in found if leak is not None]
