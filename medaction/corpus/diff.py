"""What changed from one version to the next."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from .files import read_rows
from .manifest import ROWS, read_manifest

EXAMPLES = 10
DECIDING = ("medaction", "prompt", "recipe", "runs", "metrics", "reviews", "leaks")


def compare_versions(before: Path, after: Path) -> dict[str, Any]:
    """Rows by id: added, removed, changed, moved between splits; and the values of the manifests that differ.

    ``same`` says that the rows are equal byte for byte. Raises :class:`CorpusError` where a folder is no version.
    """
    old, new = read_manifest(before), read_manifest(after)
    was, now = _rows(before, old), _rows(after, new)
    both = was.keys() & now.keys()
    changed = [name for name in both if was[name][1] != now[name][1]]
    moved = [name for name in both if was[name][0] != now[name][0]]
    added, removed = now.keys() - was.keys(), was.keys() - now.keys()
    return {
        "same": not (changed or moved or added or removed),
        "before": {"hash": old["hash"], "rows": len(was)},
        "after": {"hash": new["hash"], "rows": len(now)},
        "rows": {
            kind: {"n": len(names), "examples": sorted(names)[:EXAMPLES]}
            for kind, names in (("added", added), ("removed", removed), ("changed", changed), ("moved", moved))
        },
        "settings": compare_manifests(old, new),
    }


def _rows(folder: Path, manifest: dict[str, Any]) -> dict[str, tuple[str, bytes]]:
    """Split and digest of every row, by id."""
    rows: dict[str, tuple[str, bytes]] = {}
    for split, about in manifest["splits"].items():
        for row in read_rows(folder / ROWS / about["file"]):
            rows[row["id"]] = (split, sha256(orjson.dumps(row)).digest())
    return rows


def compare_manifests(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    """What decides a version and differs; counts and hashes follow from it."""
    return _differences(_deciding(old), _deciding(new))


def _deciding(manifest: dict[str, Any]) -> dict[str, Any]:
    """Of judgements the set that they are; what was counted in it follows, and raters' names differ each time."""
    reviews = manifest.get("reviews")
    told = reviews and {name: reviews[name] for name in ("fingerprint", "nature", "rubric")}
    return {**{key: manifest.get(key) for key in DECIDING}, "reviews": told}


def _differences(old: dict[str, Any], new: dict[str, Any], at: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for key in sorted({*old, *new}):
        one, other = old.get(key), new.get(key)
        name = f"{at}{key}"
        if isinstance(one, dict) and isinstance(other, dict):
            found += _differences(one, other, f"{name}.")
        elif one != other:
            found.append({"setting": name, "before": one, "after": other})
    return found
