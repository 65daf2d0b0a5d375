"""The authored cue words, folded once into a form for looking up runs of words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from ..text import fold


class Runs:
    """Runs of words by their first word; the longest that fits wins."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases:
            words = tuple(fold(str(phrase)).split()) or (str(phrase),)
            self._by_first.setdefault(words[0], []).append(words)
        for runs in self._by_first.values():
            runs.sort(key=len, reverse=True)

    def at(self, keys: Sequence[str], position: int) -> int:
        """How many words of ``keys`` from ``position`` on are a known run; 0 for none."""
        for words in self._by_first.get(keys[position], ()):
            if tuple(keys[position : position + len(words)]) == words:
                return len(words)
        return 0


@dataclass(frozen=True, slots=True)
class Cues:
    negation_before: Runs
    negation_next: Runs
    negation_after: Runs
    not_negation: Runs
    scope_ends: Runs
    restarts: Runs
    unasserted: Runs
    relatives: Runs
    relative_has: Runs
    relative_says: Runs
    durations: Runs
    past: Runs
    section_labels: frozenset[str]
    past_labels: frozenset[str]
    family_labels: frozenset[str]
    silent_labels: frozenset[str]
    levels: dict[str, Runs]


def read_yaml(name: str) -> Any:
    return yaml.safe_load((files(__package__) / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def load_cues() -> Cues:
    raw = read_yaml("cues.yaml")
    levels = {level: Runs(words) for level, words in raw.pop("levels").items()}
    labels: dict[str, Any] = {
        name: frozenset(map(fold, raw.pop(name))) for name in list(raw) if name.endswith("_labels")
    }
    runs: dict[str, Any] = {name: Runs(phrases) for name, phrases in raw.items()}
    return Cues(levels=levels, **labels, **runs)
