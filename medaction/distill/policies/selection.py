"""Which tests to order next: expected information per cost, with priority for what must not be missed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from medaction.domain.case import Category
from medaction.domain.catalogue import CatalogueEntry, load_catalogue
from medaction.knowledge.store import Array

from .availability import Availability, AvailabilitySettings, load_fallbacks
from .likelihood import Likelihood

EXAMINATION = "Physical examination"


@dataclass(frozen=True, slots=True)
class SelectionSettings:
    """Estimates. ``rivals``: how many diseases a test should tell apart; ``must_not_miss``: how much more such a one
    weighs. ``cost_scale`` in dollars: where cost halves a test's worth; ``panel``: the most dollars for which a whole
    panel is ordered in place of one of its tests. ``second``: what a test's further findings add; ``learnt``: how much
    of a finding a test settles, if it can be had. ``wider``: the chance that a refused test has its fallback."""

    rivals: int = 30
    must_not_miss: float = 1.6
    cost_scale: float = 2500.0
    second: float = 0.35
    learnt: float = 0.8
    wider: float = 0.15
    panel: float = 120.0
    availability: AvailabilitySettings = field(default_factory=AvailabilitySettings)


@dataclass(frozen=True, slots=True)
class Choice:
    """A test worth ordering, and the disease and finding it is ordered for. ``key`` is its name when it has no key."""

    key: str
    name: str
    worth: float
    disease: int
    finding: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    key: str
    name: str
    factor: float
    findings: tuple[int, ...]


class TestSelector:
    """Ranks the catalogue's tests for a set of beliefs."""

    __test__ = False

    def __init__(self, likelihood: Likelihood, settings: SelectionSettings | None = None) -> None:
        self._likelihood = likelihood
        self._graph = likelihood.graph
        self._settings = settings or SelectionSettings()
        self._catalogue = load_catalogue()
        self._panel_of = {e.key: frozenset(e.components) for e in self._catalogue.values() if e.components}
        self._holding = _holding(self._catalogue.values(), self._settings.panel)
        self._of_disease = lru_cache(maxsize=2_000)(self._tests_of)
        rows = range(len(likelihood.diseases))
        calls = {row: {key for key, _ in self._of_disease(row)} for row in rows}
        self._availability = Availability(calls, len(likelihood.diseases), self._settings.availability)

    def choose(
        self,
        posterior: Array,
        *,
        ordered: Collection[str],
        refused: Collection[str],
        known: Collection[int],
        count: int,
    ) -> list[Choice]:
        """The best tests not yet ordered. ``refused``: keys of tests that the case does not have. ``known``: findings
        that are settled and teach nothing more."""
        settings = self._settings
        rows = np.argsort(-posterior, kind="stable")[: settings.rivals]
        flags = [self._likelihood.diseases[row].must_not_miss for row in rows]
        weights = posterior[rows] * np.where(flags, settings.must_not_miss, 1.0)
        weights /= weights.sum()
        shows: dict[str, dict[int, None]] = {}
        for row in rows.tolist():
            for key, finding in self._of_disease(row):
                if finding not in known:
                    shows.setdefault(key, {})[finding] = None
        findings = list(dict.fromkeys(finding for found in shows.values() for finding in found))
        if not findings:
            return []
        probabilities = np.stack([self._likelihood.probabilities(finding)[rows] for finding in findings])
        gains = dict(zip(findings, _information(probabilities, weights).tolist(), strict=True))
        chances = self._availability.chances(posterior, refused)
        candidates = [*self._tests(shows, chances, ordered), *self._fallbacks(shows, ordered, refused)]
        return [
            self._choice(candidate, worth, finding, rows, weights)
            for candidate, worth, finding in self._pick(candidates, gains, count)
        ]

    def _tests(self, shows: dict[str, dict[int, None]], chances: Array, ordered: Collection[str]) -> list[_Candidate]:
        found = []
        for key in sorted(shows):
            chance = float(chances[self._availability.place[key]])
            if key not in ordered and chance > 0:
                entry = self._catalogue[key]
                found.append(_Candidate(key, entry.name, chance * self._thrift(entry), tuple(shows[key])))
        return found

    def _fallbacks(
        self, shows: dict[str, dict[int, None]], ordered: Collection[str], refused: Collection[str]
    ) -> list[_Candidate]:
        found = []
        for key in sorted(refused):
            for fallback in load_fallbacks().get(key, ()):
                if key in shows and fallback.order not in ordered and fallback.key not in ordered:
                    entry = self._catalogue.get(fallback.key or key)
                    factor = self._settings.wider * self._thrift(entry)
                    name = entry.name if entry and fallback.key else fallback.order
                    found.append(_Candidate(fallback.key or fallback.order, name, factor, tuple(shows[key])))
        return found

    def _thrift(self, entry: CatalogueEntry | None) -> float:
        return 1 / (1 + ((entry.cost if entry else None) or 0.0) / self._settings.cost_scale)

    def _pick(
        self, candidates: Sequence[_Candidate], gains: dict[int, float], count: int
    ) -> Iterable[tuple[_Candidate, float, int]]:
        """One after the other: what a test will probably settle is worth less for the next. None is part of another."""
        left = dict.fromkeys(candidates)
        for _ in range(count):
            worths = {candidate: self._worth(candidate, gains) for candidate in left}
            best = max(worths, key=lambda one: (worths[one], one.key), default=None)
            if best is None or worths[best] <= 0:
                return
            yield best, worths[best], max(best.findings, key=lambda finding: (gains[finding], -finding))
            for finding in best.findings:
                gains[finding] *= 1 - self._settings.learnt * min(1.0, best.factor)
            left = {one: None for one in left if not self._clash(one.key, best.key)}

    def _worth(self, candidate: _Candidate, gains: dict[int, float]) -> float:
        found = sorted((gains[finding] for finding in candidate.findings), reverse=True)
        return candidate.factor * (found[0] + self._settings.second * sum(found[1:4]))

    def _clash(self, one: str, other: str) -> bool:
        return one == other or one in self._panel_of.get(other, ()) or other in self._panel_of.get(one, ())

    def _choice(self, candidate: _Candidate, worth: float, finding: int, rows: Array, weights: Array) -> Choice:
        best = int(np.argmax(weights * self._likelihood.probabilities(finding)[rows]))
        return Choice(candidate.key, candidate.name, worth, int(rows[best]), finding)

    def _tests_of(self, row: int) -> tuple[tuple[str, int], ...]:
        """(catalogue key, finding) of the tests that a disease names."""
        edges = self._graph.tests_of(self._likelihood.diseases[row])
        pairs = {(edge.test.id.removeprefix("TEST:"), edge.finding.index) for edge in edges}
        pairs |= {(panel, finding) for key, finding in pairs for panel in self._holding.get(key, ())}
        return tuple(sorted(pair for pair in pairs if self._useful(pair[0])))

    def _useful(self, key: str) -> bool:
        """Examination and history are asked for as a whole, first."""
        entry = self._catalogue.get(key)
        return entry is not None and entry.category not in (Category.HISTORY, Category.EXAM) and len(entry.name) <= 60


def _information(probabilities: Array, weights: Array) -> Array:
    """Mutual information (nats) between each finding (a row) and which rival (a column) it is."""
    p = np.clip(probabilities, 0.002, 0.998)
    information: Array = _entropy(p @ weights) - _entropy(p) @ weights
    return information


def _entropy(p: Array) -> Array:
    entropy: Array = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    return entropy


def _holding(entries: Collection[CatalogueEntry], most: float) -> dict[str, tuple[str, ...]]:
    """For each test, the panels of moderate cost that hold it."""
    holding: dict[str, list[str]] = {}
    for entry in entries:
        if entry.components and (entry.cost or 0.0) <= most:
            for component in entry.components:
                holding.setdefault(component, []).append(entry.key)
    return {key: tuple(sorted(panels)) for key, panels in holding.items()}
