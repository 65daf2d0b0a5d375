"""Rows of a dataset version, as conversations with a mark on what is learned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medaction.corpus import CorpusError
from medaction.corpus.files import hash_file, read_rows
from medaction.corpus.manifest import ROWS, read_manifest

from .errors import TrainingError

TRAIN, HELD_OUT = "train", "validation"
Messages = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Conversation:
    """``learned``: places in ``messages`` whose text counts in the loss."""

    id: str
    messages: Messages
    learned: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """What is preferred to what, after the same messages."""

    id: str
    prompt: Messages
    chosen: Messages
    rejected: Messages


@dataclass(frozen=True, slots=True)
class Version:
    """A dataset version on disk, whole: every file has the hash that its manifest says."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def hash(self) -> str:
        return str(self.manifest["hash"])

    @property
    def prompt(self) -> str:
        return str(self.manifest.get("prompt", ""))

    def conversations(self, split: str) -> Iterator[Conversation]:
        """Raises :class:`TrainingError` for rows of another format."""
        for row in self._rows(split):
            yield _conversation(row)

    def pairs(self, split: str) -> Iterator[Pair]:
        """Raises :class:`TrainingError` for rows of another format."""
        for row in self._rows(split):
            if not {"prompt", "chosen", "rejected"} <= set(row):
                raise TrainingError("these rows are no preference pairs; build the dataset with --format dpo")
            yield Pair(row["id"], row["prompt"], row["chosen"], row["rejected"])

    def _rows(self, split: str) -> Iterator[dict[str, Any]]:
        about = self.manifest["splits"].get(split)
        if about is None:
            return
        try:
            yield from read_rows(self.folder / ROWS / about["file"])
        except CorpusError as error:
            raise TrainingError(f"{error}") from error


def open_version(folder: Path) -> Version:
    """Raises :class:`TrainingError` for a folder that is no whole dataset version, or that has nothing to train on."""
    try:
        manifest = read_manifest(folder)
    except CorpusError as error:
        raise TrainingError(f"{error}") from error
    for split, about in manifest["splits"].items():
        path = folder / ROWS / about["file"]
        if not path.is_file() or hash_file(path) != about["sha256"]:
            raise TrainingError(f"{path} is missing or was changed after it was written: build the dataset again")
        if split == TRAIN and about["rows"] == 0:
            break
    if not manifest["splits"].get(TRAIN, {}).get("rows"):
        raise TrainingError(f"the dataset {folder} is empty: its split {TRAIN!r} has no rows")
    return Version(folder, manifest)


def _conversation(row: Mapping[str, Any]) -> Conversation:
    if {"messages", "loss"} <= set(row):
        learned = tuple(place for place, counts in enumerate(row["loss"]) if counts)
        return Conversation(row["id"], row["messages"], learned)
    if {"prompt", "completion"} <= set(row):
        messages = [*row["prompt"], *row["completion"]]
        return Conversation(row["id"], messages, tuple(range(len(row["prompt"]), len(messages))))
    raise TrainingError(
        "these rows say not what to learn from; build the dataset with --format sft, parquet or prompt-completion"
    )
