"""How much a finding argues for each authored disease: log likelihood ratios, with credit through is-a.

P(finding | disease) is the stated one; else that of the likeliest narrower finding; else the ratio of the nearest
informative broader one, damped. A finding that a disease does not state counts a little against it: the disease leaves
it unexplained. All figures below are estimates.
"""

from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from medaction.domain.case import Category
from medaction.domain.catalogue import load_catalogue
from medaction.knowledge import Concept, KnowledgeGraph
from medaction.knowledge.compiling.edges import ASPECTS
from medaction.knowledge.extraction import Patient
from medaction.knowledge.store import Array, Rows


@dataclass(frozen=True, slots=True)
class LikelihoodSettings:
    """Estimates. ``unexplained``: P of an unstated finding as a share of its background, for a rare one; a finding as
    common as ``common`` needs no explanation. ``background``: the least that is believed of a derived background.
    ``broader``: damping of log ratios that come through a broader finding, which must hold ``information`` nats.
    ``least`` and ``most`` bound a log ratio. ``unstated_p`` stands for a frequency that a source leaves out. Below the
    age of ``infancy`` (years) a disease not said to be of that age has its prior times ``unlikely_in_infancy``.
    ``fitting``: log ratio of a duration that a disease states; ``lapse``: what a factor e beyond it takes away,
    ``strict_lapse`` where the time defines the disease.
    How often a case tells what is there, see :meth:`Likelihood.untold`: ``telling`` a circumstance, ``voiced`` what the
    patient or the examination shows, ``tested`` what only a test shows; ``silence`` bounds what the last two make."""

    unexplained: float = 0.45
    broader: float = 0.6
    information: float = 1.5
    least: float = -2.5
    most: float = 6.0
    background: float = 0.01
    common: float = 0.1
    unstated_p: float = 0.3
    expected: float = 0.5
    telling: float = 0.8
    fitting: float = 0.4
    lapse: float = 1.5
    strict_lapse: float = 3.5
    voiced: float = 0.35
    tested: float = 0.15
    silence: float = -4.0
    infancy: float = 1.0
    unlikely_in_infancy: float = 0.1


class Expected:
    """Findings that diseases (rows) state, each with the log ratio of its not being told."""

    def __init__(self, shares: dict[int, tuple[Array, Array]], rows: int) -> None:
        self._shares = shares
        self._total = np.zeros(rows)
        for places, share in shares.values():
            self._total[places] += share

    def left(self, told: AbstractSet[int]) -> Array:
        """The sum over the findings that are not among those told."""
        total = self._total.copy()
        for finding in told & self._shares.keys():
            places, share = self._shares[finding]
            total[places] -= share
        return total


class Likelihood:
    """Rows are the authored diseases, in the order of ``numbers``; each takes in its equivalents' annotations."""

    def __init__(self, graph: KnowledgeGraph, settings: LikelihoodSettings | None = None) -> None:
        self.graph = graph
        self._settings = settings or LikelihoodSettings()
        self.diseases = graph.list_authored()
        self.numbers = np.array([disease.index for disease in self.diseases])
        column = graph.arrays
        self._place = np.full(len(column["concept_kinds"]), -1, np.int32)
        for row, disease in enumerate(self.diseases):
            for member in graph.equivalents(disease):
                if self._place[member.index] < 0 or member.index == disease.index:
                    self._place[member.index] = row
        usable = (column["edge_aspect"] <= 1) & (self._place[column["edge_disease"]] >= 0)
        self._usable = usable
        self._rows = Rows(column["edge_finding_starts"], column["edges_by_finding"])
        self.row = {disease.index: row for row, disease in enumerate(self.diseases)}
        self._circumstances = self._expected("H", lambda finding: self._settings.telling)
        self._features = self._expected("P", self._told_share)
        *bounds, self._lapses = self._stated_durations().T
        self._lasting = np.stack(bounds, axis=1)
        self._no_duration = np.zeros(len(self.diseases))
        self._authored = _authored_findings(graph)
        self.stated = lru_cache(maxsize=20_000)(self._stated)
        self.probabilities = lru_cache(maxsize=20_000)(self._probabilities)
        self.present = lru_cache(maxsize=20_000)(self._present)
        self.absent = lru_cache(maxsize=20_000)(self._absent)
        self.priors = lru_cache(maxsize=2_000)(self._priors)

    def background(self, finding: int) -> float:
        least = 0.001 if finding in self._authored else self._settings.background
        return max(float(self.graph.arrays["background"][finding]), least)

    def _probabilities(self, finding: int) -> Array:
        """P(finding | disease) for every disease, its background where nothing is stated."""
        stated = self.stated(finding)
        p: Array = np.where(np.isnan(stated), self.background(finding), stated)
        return p

    def _stated(self, finding: int) -> Array:
        """P as stated for the finding itself or a narrower one; NaN elsewhere. Authored figures overrule others."""
        p = np.full(len(self.diseases), np.nan, np.float64)
        for related in self.graph.descendants[finding].tolist():
            if related != finding:
                self._take(p, related, overrule=False)
        exact = np.full(len(self.diseases), np.nan, np.float64)
        self._take(exact, finding, overrule=True)
        return np.where(np.isnan(exact), p, np.fmax(exact, np.where(exact < 0.02, exact, p)))

    def _take(self, p: Array, finding: int, *, overrule: bool) -> None:
        column = self.graph.arrays
        edges = self._rows[finding]
        edges = edges[self._usable[edges]]
        if not len(edges):
            return
        figures = np.nan_to_num(column["edge_p"][edges], nan=self._settings.unstated_p)
        absent = column["edge_absent"][edges]
        authored = column["edge_source"][edges] == 0
        rows = self._place[column["edge_disease"][edges]]
        for which in (~authored, authored):
            chosen = which & ~absent
            values = np.full(len(p), np.nan)
            np.fmax.at(values, rows[chosen], figures[chosen])
            held = ~np.isnan(values)
            p[held] = values[held] if overrule else np.fmax(p[held], values[held])
        if overrule:
            ruled = rows[absent]
            p[ruled] = np.where(np.isnan(p[ruled]), 0.005, p[ruled])

    def _present(self, finding: int) -> Array:
        """Log ratio of the finding's presence, one for each disease."""
        settings = self._settings
        background = self.background(finding)
        ratio = np.log(np.clip(self.stated(finding), 1e-4, 0.995) / background)
        unstated = np.isnan(ratio)
        if unstated.any():
            share = min(1.0, background / settings.common)
            ratio[unstated] = np.log(settings.unexplained + (1 - settings.unexplained) * share)
            information = self.graph.arrays["information"]
            above = self.graph.ancestors[finding]
            above = above[(information[above] >= settings.information) & (above != finding)]
            for broader in above.tolist():
                p = np.full(len(self.diseases), np.nan)
                self._take(p, broader, overrule=True)
                credit = settings.broader * np.log(p / self.background(broader))
                ratio = np.where(unstated & ~np.isnan(credit), np.fmax(ratio, credit), ratio)
        bounded: Array = np.clip(ratio, settings.least, settings.most)
        return bounded

    def _absent(self, finding: int) -> Array:
        """Log ratio of the finding's absence; nothing where the disease does not state it."""
        p = np.clip(self.stated(finding), 0, 0.97)
        ratio = np.nan_to_num(np.log((1 - p) / (1 - min(self.background(finding), 0.9))), nan=0.0)
        bounded: Array = np.clip(ratio, self._settings.least, 0.7)
        return bounded

    def untold(self, findings: Collection[int], told: Collection[int]) -> Array:
        """Log ratio of what a case would tell and does not: an injury, a pregnancy, the rash of a rash disease.

        Only for what at least ``expected`` of patients have. ``findings``: the present ones, of which a narrower one
        tells its broader one as well; ``told``: all that was spoken of, present or not.
        """
        above = {broader for finding in findings for broader in self.graph.ancestors[finding].tolist()}
        circumstances = np.maximum(self._circumstances.left(above), self._settings.least)
        total: Array = circumstances + np.maximum(self._features.left(above.union(told)), self._settings.silence)
        return total

    def lasting(self, durations: Sequence[float]) -> Array:
        """Log ratio of how long it has lasted (days): the best of what was told, against what each disease states."""
        if not durations:
            return self._no_duration
        told = np.log(np.array(durations))[:, None]
        beyond = np.maximum(self._lasting[:, 0] - told, told - self._lasting[:, 1]).clip(0).min(0)
        ratio: Array = self._settings.fitting - self._lapses * beyond
        return np.where(np.isnan(ratio), 0.0, np.maximum(ratio, self._settings.least))

    def _stated_durations(self) -> Array:
        """Logs of days from and to, and what a factor e beyond takes away, one row a disease; NaN without any."""
        settings = self._settings
        rows = []
        for disease in self.diseases:
            if told := (self.graph.card(disease) or {}).get("duration"):
                lapse = settings.strict_lapse if told["strict"] else settings.lapse
                rows.append((np.log(told["low"]), np.log(told["high"]), lapse))
            else:
                rows.append((np.nan, np.nan, np.nan))
        return np.array(rows)

    def _expected(self, aspect: str, telling: Callable[[int], float]) -> "Expected":
        column = self.graph.arrays
        stated = (column["edge_aspect"] == ASPECTS.index(aspect)) & (column["edge_source"] == 0)
        stated &= ~column["edge_absent"] & self._usable & (np.nan_to_num(column["edge_p"]) >= self._settings.expected)
        found: dict[int, tuple[Array, Array]] = {}
        for finding in np.unique(column["edge_finding"][stated]).tolist():
            edges = np.flatnonzero(stated & (column["edge_finding"] == finding))
            p = column["edge_p"][edges].astype(np.float64)
            found[finding] = (self._place[column["edge_disease"][edges]], np.log(1 - telling(finding) * p))
        return Expected(found, len(self.diseases))

    def _told_share(self, finding: int) -> float:
        starts = self.graph.arrays["reveal_starts"]
        tests = self.graph.arrays["reveal_test"][starts[finding] : starts[finding + 1]].tolist()
        entries = (load_catalogue().get(self.graph.at(test).id.removeprefix("TEST:")) for test in tests)
        seen = any(entry is not None and entry.category in (Category.HISTORY, Category.EXAM) for entry in entries)
        return self._settings.voiced if seen else self._settings.tested

    def _priors(self, patient: Patient) -> Array:
        priors = self.graph.prior_table.of(patient.age, patient.sex)
        if patient.age is not None and patient.age < self._settings.infancy:
            own = [self._is_of_infancy(disease, patient.age) for disease in self.diseases]
            priors = np.where(own, priors, priors * self._settings.unlikely_in_infancy)
        logs: Array = np.log(priors)
        return logs

    def _is_of_infancy(self, disease: Concept, age: float) -> bool:
        """Whether its author says that it is at least as likely at this age as at others."""
        rows = (self.graph.card(disease) or {"demographics": ()})["demographics"]
        return any(r["low"] <= age <= r["high"] <= 20 and r["factor"] >= 1 for r in rows)


def _authored_findings(graph: KnowledgeGraph) -> frozenset[int]:
    """Findings of the authored vocabulary, whose backgrounds were written by hand."""
    column = graph.arrays
    own = np.flatnonzero(np.char.startswith(column["concept_ids"], b"MF:"))
    merged = column["alternate_concepts"][np.char.startswith(column["alternate_ids"], b"MF:")]
    return frozenset([*own.tolist(), *merged.tolist()])
