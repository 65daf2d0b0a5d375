"""A run's directory: manifest, cases, and files of JSON lines that only grow.

``manifest.json``   what decides the result, and its fingerprint
``cases.jsonl``     the cases, so that the run needs no other file
``trees.jsonl``     a :class:`TreeRecord` a line, in the order of the cases
``scores.jsonl``    the scores of a tree's branches a line; ``verdicts.jsonl`` what pruning made of them
"""

import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from medaction.domain.case import Case

from .judging import TreeScores, TreeVerdicts
from .lines import LineWriter, read_json_lines, read_lines, unfinished
from .manifest import RUN_FORMAT, fingerprint, list_differences
from .record import TreeRecord

MANIFEST, CASES, TREES, SCORES, VERDICTS, LOCK = (
    "manifest.json", "cases.jsonl", "trees.jsonl", "scores.jsonl", "verdicts.jsonl", ".lock",
)  # fmt: skip
_OURS = frozenset({MANIFEST, CASES, TREES, SCORES, VERDICTS, LOCK})


class RunError(ValueError):
    """A directory that is not a run, or not the run that was meant; the message says what to do."""


class Run:
    """A run that exists. Reading never changes it; ``notes`` says what is unfinished."""

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest

    @property
    def fingerprint(self) -> str:
        return str(self.manifest["fingerprint"])

    @property
    def notes(self) -> list[str]:
        """Last lines that a killed writer left unfinished; they are left out of what is read."""
        sizes = ((name, unfinished(self.path / name)) for name in (TREES, SCORES, VERDICTS))
        return [f"{name}: {size} bytes of an unfinished last line are left out" for name, size in sizes if size]

    def cases(self) -> dict[str, Case]:
        return {(case := Case.from_dict(record)).id: case for record in read_json_lines(self.path / CASES)}

    def trees(self) -> Iterator[TreeRecord]:
        return map(TreeRecord.from_dict, read_json_lines(self.path / TREES))

    def records(self, name: str) -> Iterator[dict[str, Any]]:
        """The records of one of the files as they are stored. Raises ``LinesError``."""
        return read_json_lines(self.path / name)

    def lines(self, name: str) -> Iterator[bytes]:
        """The whole lines of one of the files as they are stored, for readers that may do without what is in them."""
        return read_lines(self.path / name)

    def scores(self) -> Iterator[TreeScores]:
        """In the order of the trees; fewer of them while scoring is not done."""
        return map(TreeScores.from_dict, read_json_lines(self.path / SCORES))

    def verdicts(self) -> Iterator[TreeVerdicts]:
        return map(TreeVerdicts.from_dict, read_json_lines(self.path / VERDICTS))

    def cases_in(self, name: str) -> list[str]:
        """The ids of the cases that a file of this run has, in its order. Raises :class:`RunError` for a repeat."""
        ids = [record["case"] for record in read_json_lines(self.path / name)]
        if len(set(ids)) != len(ids):
            raise RunError(f"{name} of {self.path} holds a case twice: it was not written by this program alone")
        return ids

    def append_to(self, name: str) -> LineWriter:
        """A writer for one of the files; hold :func:`hold_run` while it is open."""
        return LineWriter(self.path / name)

    def replace(self, name: str, records: Iterable[Any]) -> None:
        """Write a file anew: it appears whole, or the old one stays."""
        write_whole(self.path / name, (orjson.dumps(record) + b"\n" for record in records))


def open_run(path: str | Path) -> Run:
    """Raises :class:`RunError`."""
    folder = Path(path)
    return Run(folder, read_manifest(folder, RUN_FORMAT, "run", "medaction distill grow"))


def read_manifest(folder: Path, form: str, kind: str, maker: str) -> dict[str, Any]:
    """The manifest of a ``kind`` of run, as the command ``maker`` wrote it. Raises :class:`RunError`."""
    file = folder / MANIFEST
    if not file.is_file():
        raise RunError(f"{folder} is no {kind}: it has no {MANIFEST}; `{maker}` makes one")
    try:
        manifest = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise RunError(f"{file} is not JSON: {error.msg}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != form:
        raise RunError(f"{file} is not a manifest of the form {form}")
    if manifest.get("fingerprint") != fingerprint(manifest):
        raise RunError(f"{file} was changed after it was written: its fingerprint is another one")
    return manifest


def start_run(path: str | Path, manifest: dict[str, Any], cases: Sequence[Case]) -> Run:
    """The run of this manifest: a new one, or the one that is there, to go on with.

    Raises :class:`RunError` for a run with another configuration, naming what differs, and for a folder of other
    things; ``OSError`` when the folder cannot be written.
    """
    folder = Path(path)
    if (folder / MANIFEST).exists():
        run = open_run(folder)
        if differences := list_differences(run.manifest, manifest):
            told = "; ".join(differences)
            raise RunError(f"{folder} is a run of another configuration ({told}); name another folder with --out")
        return run
    folder.mkdir(parents=True, exist_ok=True)
    if foreign := sorted(entry.name for entry in folder.iterdir() if not _is_ours(entry.name)):
        raise RunError(f"{folder} holds other things ({', '.join(foreign[:3])}); name a new folder with --out")
    write_whole(folder / CASES, (orjson.dumps(case.to_dict()) + b"\n" for case in cases))
    write_whole(folder / MANIFEST, [orjson.dumps(manifest, option=orjson.OPT_INDENT_2)])
    return Run(folder, manifest)


def _is_ours(name: str) -> bool:
    """One of the files, or what a killed process left of writing one."""
    return name in _OURS or any(name.startswith(f".{ours}.") for ours in _OURS)


@contextmanager
def hold_run(path: Path) -> Iterator[None]:
    """While held, no other process may write here. Raises :class:`RunError`; a killed holder lets go."""
    path.mkdir(parents=True, exist_ok=True)
    with (path / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(f"{path} is being written by another process; wait for it, or stop it") from error
        yield


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """A file that appears whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
