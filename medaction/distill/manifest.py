"""What a run is made of, and whether two runs would give the same trees."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

import medaction
from medaction.domain.canonical import content_hash
from medaction.domain.case import Case
from medaction.domain.prompt import prompt_hash

from .shape import GrowthConfig

RUN_FORMAT = "medaction.run/1"
_CODE = ("domain", "knowledge", "inference", "distill")
# Told for a reader; they decide nothing.
_ASIDE = frozenset({"fingerprint", "created_at"})


def make_manifest(
    cases: Sequence[Case], *, source: str, policy: dict[str, Any], graph: str, config: GrowthConfig, seed: int
) -> dict[str, Any]:
    """``source`` names the case files; ``policy`` is ``{name, label, settings}``; ``graph`` the content hash."""
    decided = {
        "format": RUN_FORMAT,
        "versions": {"medaction": medaction.__version__, "code": code_hash()},
        "policy": policy,
        "graph": graph,
        "prompt": prompt_hash(),
        "cases": {"name": source, "n": len(cases), "sha256": hash_cases(cases)},
        "seed": seed,
        **config.to_dict(),
    }
    manifest: dict[str, Any] = orjson.loads(orjson.dumps(decided))
    return {**manifest, "fingerprint": fingerprint(manifest), "created_at": datetime.now(UTC).isoformat("T", "seconds")}


def fingerprint(manifest: dict[str, Any]) -> str:
    """SHA-256 of everything that decides the trees."""
    return content_hash({key: value for key, value in manifest.items() if key not in _ASIDE})


def hash_cases(cases: Sequence[Case]) -> str:
    """SHA-256 over the cases' content hashes, in their order."""
    return content_hash([case.content_hash for case in cases])


def list_differences(one: dict[str, Any], other: dict[str, Any], at: str = "") -> list[str]:
    """``seed: 1, now 2`` for every value that decides and differs."""
    found: list[str] = []
    for key in sorted(one.keys() | other.keys()):
        if not at and key in _ASIDE:
            continue
        name = f"{at}{key}"
        mine, theirs = one.get(key), other.get(key)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            found += list_differences(mine, theirs, f"{name}.")
        elif mine != theirs:
            found.append(f"{name}: {_shown(mine)}, now {_shown(theirs)}")
    return found


def _shown(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}…"


@cache
def code_hash(parts: tuple[str, ...] = _CODE) -> str:
    """SHA-256 of packages and modules of the program, by default those that grow trees: a run is not gone on with by
    another version of them."""
    root = Path(medaction.__file__).parent
    digest = sha256()
    for part in parts:
        for path in sorted((root / part).rglob("*.py")) or [root / part]:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(path.read_bytes())
    return digest.hexdigest()
