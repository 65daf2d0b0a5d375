"""Which tests to order next: expected information per cost, with priority for what must not be missed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from medaction.domain.case import Category
from medaction.domain.catalogue import CatalogueEntry, load_catalogue
from medaction.knowledge.store import Array

from .likelihood import Likelihood

EXAMINATION = "Physical examination"


@dataclass(frozen=True, slots=True)
class SelectionSettings:
    """Estimates. ``rivals``: how many diseases a test should tell apart; ``must_not_miss``: how much more such a one
    weighs. ``cost_scale`` in dollars: where cost halves a test's worth; ``panel``: the most dollars for which a whole
    panel is ordered in place of one of its tests. ``second``: what a test's further findings add. ``bare``: the chance
    that a case tells of a test which no likely disease names; ``usual`` adds to it for one that many diseases call for.
    """

    rivals: int = 30
    must_not_miss: float = 1.6
    cost_scale: float = 2500.0
    second: float = 0.35
    bare: float = 0.08
    usual: float = 12.0
    panel: float = 120.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A test worth ordering, and the disease and finding it is ordered for."""

    key: str
    name: str
    worth: float
    disease: int
    finding: int


class TestSelector:
    """Ranks the catalogue's tests for a set of beliefs."""

    __test__ = False

    def __init__(self, likelihood: Likelihood, settings: SelectionSettings | None = None) -> None:
        self._likelihood = likelihood
        self._graph = likelihood.graph
        self._settings = settings or SelectionSettings()
        self._catalogue = load_catalogue()
        self._panel_of = _panels(self._catalogue.values())
        self._holding = _holding(self._catalogue.values(), self._settings.panel)
        self._of_disease = lru_cache(maxsize=2_000)(self._tests_of)
        self._usual = self._usual_shares()

    def choose(
        self,
        posterior: Array,
        *,
        ordered: Collection[str],
        known: Collection[int],
        count: int,
    ) -> list[Choice]:
        """The best tests not yet ordered. ``known``: findings that are settled and teach nothing more."""
        settings = self._settings
        rows = np.argsort(-posterior, kind="stable")[: settings.rivals]
        weights = posterior[rows].copy()
        flags = [bool(self._likelihood.diseases[row].must_not_miss) for row in rows]
        weights *= np.where(flags, settings.must_not_miss, 1.0)
        weights /= weights.sum()
        shows: dict[str, dict[int, float]] = {}
        for position, row in enumerate(rows.tolist()):
            for key, finding in self._of_disease(row):
                if finding not in known and key not in ordered:
                    shows.setdefault(key, {}).setdefault(finding, 0.0)
                    shows[key][finding] = max(shows[key][finding], float(weights[position]))
        gains = {f: self._gain(f, rows, weights) for f in {f for found in shows.values() for f in found}}
        named: Counter[str] = Counter()
        for position, row in enumerate(rows.tolist()):
            for key in {key for key, _ in self._of_disease(row)}:
                named[key] += weights[position]
        choices = [self._choice(key, found, gains, named, rows, weights) for key, found in sorted(shows.items())]
        choices.sort(key=lambda choice: (-choice.worth, choice.key))
        return _without_repeats(choices, self._panel_of, count)

    def _gain(self, finding: int, rows: Array, weights: Array) -> float:
        """Mutual information (nats) between the finding and which rival it is."""
        p = np.clip(self._likelihood.probabilities(finding)[rows], 0.002, 0.998)
        return float(_entropy(np.array([weights @ p]))[0] - weights @ _entropy(p))

    def _choice(
        self,
        key: str,
        found: dict[int, float],
        gains: dict[int, float],
        named: Mapping[str, float],
        rows: Array,
        weights: Array,
    ) -> Choice:
        settings = self._settings
        entry = self._catalogue[key]
        order = sorted(found, key=lambda finding: (-gains[finding], finding))
        gain = gains[order[0]] + settings.second * sum(gains[finding] for finding in order[1:4])
        chance = settings.bare + settings.usual * self._usual.get(key, 0.0) + named.get(key, 0.0)
        worth = gain * min(chance, 1.0) / (1 + (entry.cost or 0.0) / settings.cost_scale)
        best = int(np.argmax(weights * self._likelihood.probabilities(order[0])[rows]))
        return Choice(key, entry.name, worth, int(rows[best]), order[0])

    def _tests_of(self, row: int) -> tuple[tuple[str, int], ...]:
        """(catalogue key, finding) of the tests that a disease names."""
        edges = self._graph.tests_of(self._likelihood.diseases[row])
        pairs = {(edge.test.id.removeprefix("TEST:"), edge.finding.index) for edge in edges}
        pairs |= {(panel, finding) for key, finding in pairs for panel in self._holding.get(key, ())}
        return tuple(sorted(pair for pair in pairs if self._useful(pair[0])))

    def _usual_shares(self) -> dict[str, float]:
        """For each test, the share of all diseases that call for it."""
        counts: Counter[str] = Counter()
        for row in range(len(self._likelihood.diseases)):
            counts.update({key for key, _ in self._of_disease(row)})
        return {key: count / len(self._likelihood.diseases) for key, count in counts.items()}

    def _useful(self, key: str) -> bool:
        """Examination and history are asked for as a whole, first."""
        entry = self._catalogue.get(key)
        return entry is not None and entry.category not in (Category.HISTORY, Category.EXAM) and len(entry.name) <= 60


def _entropy(p: Array) -> Array:
    entropy: Array = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    return entropy


def _panels(entries: Collection[CatalogueEntry]) -> dict[str, frozenset[str]]:
    return {entry.key: frozenset(entry.components) for entry in entries if entry.components}


def _holding(entries: Collection[CatalogueEntry], most: float) -> dict[str, tuple[str, ...]]:
    """For each test, the panels of moderate cost that hold it."""
    holding: dict[str, list[str]] = {}
    for entry in entries:
        if entry.components and (entry.cost or 0.0) <= most:
            for component in entry.components:
                holding.setdefault(component, []).append(entry.key)
    return {key: tuple(sorted(panels)) for key, panels in holding.items()}


def _without_repeats(choices: Sequence[Choice], panels: dict[str, frozenset[str]], count: int) -> list[Choice]:
    """The first ``count`` of which none is a part of another."""
    chosen: list[Choice] = []
    for choice in choices:
        parts = panels.get(choice.key, frozenset())
        clash = any(choice.key in panels.get(other.key, ()) or other.key in parts for other in chosen)
        if choice.worth > 0 and not clash:
            chosen.append(choice)
        if len(chosen) == count:
            break
    return chosen
