"""Benchmarks frozen by hash: a list of cases, each by id, group and content hash, and the cases beside it.

``DIR/hard.json``    what was chosen, by which rule, and a hash over all of it; it holds no words of any case
``DIR/cases.jsonl``  the cases themselves, in our own format: only in the user's own folder, under their own licences
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from medaction.domain.canonical import content_hash
from medaction.domain.case import Case
from medaction.formats.own_jsonl import write_own_jsonl
from medaction.formats.readers import read_cases

LIST, CASES = "hard.json", "cases.jsonl"
FORMAT = "medaction.frozen/1"


class FrozenError(ValueError):
    """A frozen benchmark that cannot be read or is not what it was. The message says what to do."""


@dataclass(frozen=True, slots=True)
class FrozenCase:
    """One row of the list. ``told``: why it was chosen, for a reader."""

    id: str
    group: str
    content_hash: str
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A list that stands. ``hash`` covers everything in it; ``path`` is the list's own file."""

    path: Path
    manifest: Mapping[str, Any]
    cases: tuple[FrozenCase, ...]

    @property
    def hash(self) -> str:
        return str(self.manifest["hash"])

    @property
    def has_cases(self) -> bool:
        return (self.path.parent / CASES).is_file()

    def load(self) -> list[Case]:
        """The cases, each compared with its hash. Raises :class:`FrozenError` where one is missing or differs."""
        path = self.path.parent / CASES
        if not path.is_file():
            raise FrozenError(f"{path} is missing: mine it again from the same case files")
        found = {row.case.id: row.case for row in read_cases(path, "own_jsonl") if row.case is not None}
        faults = [case.id for case in self.cases if case.id not in found]
        faults += [c.id for c in self.cases if c.id in found and found[c.id].content_hash != c.content_hash]
        listed = {case.id for case in self.cases}
        faults += [name for name in found if name not in listed]
        if faults:
            shown = ", ".join(sorted(faults)[:5])
            raise FrozenError(f"{path} is not what was frozen: {len(faults)} case(s) missing or other ones ({shown})")
        return [found[case.id] for case in self.cases]


def freeze_cases(folder: Path, cases: Sequence[Case], told: Sequence[Mapping[str, Any]], about: dict[str, Any]) -> str:
    """Write the cases and then their list into ``folder``, and return its hash. Without the list nothing is frozen.

    Raises :class:`FrozenError` where a list stands already, and ``OSError``.
    """
    if (folder / LIST).exists():
        raise FrozenError(f"{folder} is frozen already; it is never written over, name another folder with --out")
    rows = [
        {"id": case.id, "group": case.group_key, "content_hash": case.content_hash, **why}
        for case, why in zip(cases, told, strict=True)
    ]
    manifest = {"format": FORMAT, **about, "n": len(rows), "cases": rows}
    manifest["hash"] = hash_list(manifest)
    write_own_jsonl(cases, folder / CASES)
    temporary = folder / f".{LIST}"
    temporary.write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
    temporary.replace(folder / LIST)
    return str(manifest["hash"])


def hash_list(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of everything but the hash itself."""
    return content_hash({key: value for key, value in manifest.items() if key != "hash"})


def is_frozen(path: Path) -> bool:
    """Whether the path is a folder with a list, or such a list: a JSON file that says so at its beginning."""
    if path.is_dir():
        return (path / LIST).is_file()
    if path.suffix != ".json" or not path.is_file():
        return False
    with path.open("rb") as file:
        return FORMAT.encode() in file.read(200)


def open_frozen(path: Path) -> Frozen:
    """The list in a folder, or a list's file. Raises :class:`FrozenError` where it was changed."""
    file = path / LIST if path.is_dir() else path
    try:
        manifest = orjson.loads(file.read_bytes())
    except OSError as error:
        raise FrozenError(f"{file} cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise FrozenError(f"{file} is not JSON: {error.msg}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise FrozenError(f"{file} is no frozen benchmark of the form {FORMAT}; `medaction bench mine-hard` makes one")
    if hash_list(manifest) != manifest.get("hash"):
        raise FrozenError(f"{file} was changed after it was frozen: its hash is another one")
    return Frozen(file, manifest, tuple(_rows(manifest["cases"])))


def _rows(rows: Iterable[dict[str, Any]]) -> Iterable[FrozenCase]:
    for row in rows:
        told = {key: value for key, value in row.items() if key not in ("id", "group", "content_hash")}
        yield FrozenCase(row["id"], row["group"], row["content_hash"], told)
