"""How likely it is that a case holds a test, and what to ask for when it does not.

Cases tell few tests: those that speak of their own disease and of its rivals, and the usual ones. The chance is a
logistic function of three shares of diseases that call for the test: by the posterior, by the posterior flattened (what
a clinician would still think of), and among all diseases. Its coefficients were fitted once, on development cases.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import yaml

from medaction.domain.catalogue import load_catalogue
from medaction.domain.naming import catalogue_key
from medaction.knowledge.store import Array


@dataclass(frozen=True, slots=True)
class AvailabilitySettings:
    """Logits: ``bias``, and the weights of the logs of the three shares, each with ``least`` added. ``flat``: the power
    that flattens the posterior. ``kin``: factor for a test that shares a panel with a refused one."""

    bias: float = 2.2
    own: float = 0.35
    near: float = 0.6
    usual: float = 0.5
    least: float = 0.001
    flat: float = 0.4
    kin: float = 0.7


class Availability:
    """``keys``: catalogue keys, the order of the chances. ``calls``: which of them each disease (a row) calls for."""

    def __init__(
        self, calls: Mapping[int, Iterable[str]], diseases: int, settings: AvailabilitySettings | None = None
    ) -> None:
        self._settings = settings or AvailabilitySettings()
        self.keys = tuple(sorted({key for called in calls.values() for key in called}))
        self.place = {key: number for number, key in enumerate(self.keys)}
        pairs = [(self.place[key], row) for row, called in calls.items() for key in called]
        self._tests, self._rows = np.array(pairs, np.int64).reshape(-1, 2).T
        self._usual = self._log(self._share(np.full(diseases, 1 / diseases)))
        self._parts = {entry.key: frozenset(entry.components) for entry in load_catalogue().values()}
        self._panels: dict[str, set[str]] = {}
        for panel, parts in self._parts.items():
            for part in parts:
                self._panels.setdefault(part, set()).add(panel)

    def chances(self, posterior: Array, refused: Collection[str]) -> Array:
        """For each key; 0 for what a refusal rules out (a refused panel has none of its parts)."""
        settings = self._settings
        flattened = posterior**settings.flat
        own, near = self._log(self._share(posterior)), self._log(self._share(flattened / flattened.sum()))
        logit = settings.bias + settings.own * own + settings.near * near + settings.usual * self._usual
        chances: Array = 1 / (1 + np.exp(-logit))
        for key in refused:
            if key in self.place:
                chances[self.place[key]] = 0
            for kin in {kin for panel in self._panels.get(key, ()) for kin in self._parts[panel]} & self.place.keys():
                chances[self.place[kin]] *= settings.kin
            for part in self._parts.get(key, ()):
                for other in (part, *self._inside(key, part)):
                    if other in self.place:
                        chances[self.place[other]] = 0
        return chances

    def _inside(self, panel: str, part: str) -> list[str]:
        """Panels that share the part and hold nothing beyond the refused panel."""
        return [other for other in self._panels[part] if self._parts[other] <= self._parts[panel]]

    def _share(self, weights: Array) -> Array:
        """For each test, the weight of the diseases that call for it."""
        shares: Array = np.bincount(self._tests, weights[self._rows], len(self.keys))
        return shares

    def _log(self, share: Array) -> Array:
        logs: Array = np.log(share + self._settings.least)
        return logs


@dataclass(frozen=True, slots=True)
class Fallback:
    """``order``: what to write; ``key``: its catalogue key, or None for a wider name that is no single test."""

    order: str
    key: str | None


@lru_cache(maxsize=1)
def load_fallbacks() -> dict[str, tuple[Fallback, ...]]:
    """What to ask for instead, by the key of the refused test."""
    rows = yaml.safe_load((files(__package__) / "fallbacks.yaml").read_text(encoding="utf-8"))
    found: dict[str, list[Fallback]] = {}
    for row in rows:
        key = catalogue_key(row["order"])
        for refused in row["instead_of"]:
            found.setdefault(refused, []).append(Fallback(row["order"], key))
    return {key: tuple(fallbacks) for key, fallbacks in found.items()}
