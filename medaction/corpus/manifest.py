"""What stands beside the rows of a version: no clock and no path in it, so that a rebuild gives the same bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

import medaction
from medaction.distill.policies.assisted_prompt import assisted_prompt_hash
from medaction.distill.runs import Run
from medaction.domain.canonical import content_hash
from medaction.domain.prompt import prompt_hash

from .errors import CorpusError
from .recipe import ASSISTED, Recipe

MANIFEST, CARD, ROWS = "manifest.json", "README.md", "data"
FORMAT = "medaction.dataset/1"


def make_manifest(
    recipe: Recipe,
    runs: Sequence[Run],
    splits: Mapping[str, Mapping[str, Any]],
    counts: Mapping[str, Any],
    leaks: Mapping[str, Any],
) -> dict[str, Any]:
    """``hash`` covers everything else, and through the files' hashes every row."""
    manifest = {
        "format": FORMAT,
        "medaction": medaction.__version__,
        "prompt": assisted_prompt_hash() if recipe.prompt == ASSISTED else prompt_hash(),
        "recipe": recipe.to_dict(),
        "runs": [_about(run) for run in runs],
        "splits": {name: dict(about) for name, about in splits.items()},
        **counts,
        "leaks": dict(leaks),
    }
    return {**manifest, "hash": content_hash(manifest)}


def _about(run: Run) -> dict[str, Any]:
    kept = ("fingerprint", "policy", "graph", "seed", "cases", "shape", "environment")
    return {key: run.manifest[key] for key in kept}


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises :class:`CorpusError` for a folder that is no version, or whose manifest was changed."""
    path = folder / MANIFEST
    if not path.is_file():
        raise CorpusError(f"{folder} is no dataset: it has no {MANIFEST}; `medaction dataset build` makes one")
    try:
        manifest = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise CorpusError(f"{path} is not JSON: {error.msg}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise CorpusError(f"{path} is not a manifest of the form {FORMAT}")
    if content_hash({key: value for key, value in manifest.items() if key != "hash"}) != manifest.get("hash"):
        raise CorpusError(f"{path} was changed after it was written: its hash is another one")
    return manifest
