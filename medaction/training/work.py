"""What an unfinished training keeps on disk: what it is, its checkpoints and its metrics.

It lies beside the output folder as ``NAME.unfinished``; only a finished training becomes ``NAME``, in one rename.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from .errors import TrainingError

IDENTITY, METRICS, CHECKPOINTS, FINAL = "training.json", "metrics.jsonl", "checkpoints", "final"


class Work:
    def __init__(self, out: Path) -> None:
        self.out = out
        self.folder = out.with_name(f"{out.name}.unfinished")
        self.metrics = self.folder / METRICS
        self.checkpoints = self.folder / CHECKPOINTS
        self.final = self.folder / FINAL

    @contextmanager
    def hold(self, identity: Mapping[str, Any], *, resume: bool) -> Iterator[None]:
        """Begin, or go on with the same thing. One process at a time. Raises :class:`TrainingError`.

        What ends without a checkpoint leaves nothing.
        """
        if self.out.exists():
            raise TrainingError(f"{self.out} is there already; name another folder, or delete it")
        if resume:
            self._demand_same(identity)
        elif self.last_checkpoint() is not None:
            raise TrainingError(f"{self.folder} holds an unfinished training: go on with --resume, or delete it")
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise TrainingError(f"another process is training in {self.folder}") from error
            (self.folder / IDENTITY).write_bytes(orjson.dumps(identity, option=orjson.OPT_INDENT_2))
            try:
                yield
            finally:
                if self.last_checkpoint() is None:
                    shutil.rmtree(self.folder, ignore_errors=True)

    def last_checkpoint(self) -> Path | None:
        """The newest checkpoint that was written to its end: the state is what a trainer writes last."""
        found = [path for path in self.checkpoints.glob("checkpoint-*") if (path / "trainer_state.json").is_file()]
        return max(found, key=step_of, default=None)

    def cut_metrics(self, step: int) -> None:
        """Drop what was told of steps that are about to be taken again."""
        if self.metrics.is_file():
            lines = [line for line in self.metrics.read_bytes().splitlines() if orjson.loads(line)["step"] <= step]
            self.metrics.write_bytes(b"".join(line + b"\n" for line in lines))

    def read_metrics(self) -> list[dict[str, Any]]:
        if not self.metrics.is_file():
            return []
        return [orjson.loads(line) for line in self.metrics.read_bytes().splitlines()]

    def publish(self) -> None:
        """The finished folder under its name; what only an unfinished training needs is deleted."""
        shutil.copy(self.metrics, self.final / METRICS)
        self.final.replace(self.out)
        shutil.rmtree(self.folder)

    def _demand_same(self, identity: Mapping[str, Any]) -> None:
        path = self.folder / IDENTITY
        if not path.is_file():
            raise TrainingError(f"there is nothing to resume: {self.folder} is not there; start without --resume")
        before = orjson.loads(path.read_bytes())
        changes = [f"{key}: {old!r} → {new!r}" for key, old, new in _differences(before, identity)]
        if changes:
            raise TrainingError(
                f"{self.folder} was begun with another configuration, so it is not resumed: {'; '.join(changes)}"
            )


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _differences(before: Any, after: Any, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, dict) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _differences(before.get(key), after.get(key), f"{prefix}.{key}" if prefix else key)
    elif before != after:
        yield prefix, before, after
