"""What the graph says of a finding in a disease, and of a test for a disease; looked up thousands of times a second.

:func:`medaction.knowledge.find_relation` says the same with its sources; here each disease's statements are gathered
once, and a question about a finding is a look into a table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, isnan, log
from typing import NamedTuple

import numpy as np

from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.graph import UnknownConceptError
from medaction.knowledge.relation import ABSENT_P, LEAST_INFORMATION, UNKNOWN_P

FOR, AGAINST = 2.0, 0.5
"""Likelihood ratios from which on a finding argues for, or against, a disease (those of ``Relation.argues``)."""
TELLING = 2.5
"""A broader finding stands for a narrower one only if it is this informative (nats): chest pain is, pain is not."""
BOUND = 5.0
"""No single finding counts for more than this natural log ratio, since every P is an estimate."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one disease (with its equivalents) states. ``narrower``: by broader finding, the best P below it."""

    exact: dict[int, float]
    stated: dict[int, float]
    excluded: frozenset[int]
    denied: frozenset[int]
    narrower: dict[int, float]


class Statement(NamedTuple):
    """One edge of a disease to a finding: ``n`` patients behind it, ``p`` NaN where the source gives no figure."""

    absent: bool
    authored: bool
    n: int
    p: float


def _pool(edges: Sequence[Statement]) -> float:
    """As :func:`medaction.knowledge.relation.pooled_p`."""
    edges = [edge for edge in edges if edge.authored] or edges
    counted = sum(edge.n for edge in edges)
    if counted > 0:
        return max(sum(edge.p * edge.n for edge in edges if edge.n) / counted, ABSENT_P)
    if all(edge.absent for edge in edges):
        return ABSENT_P
    return sum(UNKNOWN_P if isnan(edge.p) else edge.p for edge in edges) / len(edges)


class Links:
    """Answers are remembered for the life of the object; concepts are numbers of the graph."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self._information: list[float] = graph.arrays["information"].tolist()
        self._background: list[float] = graph.arrays["background"].tolist()
        self._above = lru_cache(maxsize=50_000)(self._find_above)
        self._broader = lru_cache(maxsize=50_000)(self._find_broader)
        self.profile = lru_cache(maxsize=20_000)(self._profile)
        self.p = lru_cache(maxsize=1_000_000)(self._p)
        self.log_ratio = lru_cache(maxsize=1_000_000)(self._log_ratio)
        self.find_test_link = lru_cache(maxsize=500_000)(self._find_test_link)
        self._tests_of = lru_cache(maxsize=20_000)(self._find_tests)
        self._tests_for = lru_cache(maxsize=20_000)(self._find_tests_for)
        self.reveals = lru_cache(maxsize=5_000)(self._reveals)

    def knows(self, disease: int) -> bool:
        """Whether the graph states any finding of it, or of what it is a kind of."""
        return any(self.profile(number).exact for number in self.line(disease))

    @lru_cache(maxsize=20_000)  # noqa: B019 - one object lives as long as its graph
    def line(self, disease: int) -> tuple[int, ...]:
        """The disease, then the diseases above it, the most informative first."""
        graph = self._graph
        above = {
            int(number)
            for member in graph.similarity_index.equivalents(disease)
            for number in graph.ancestors[member]
            if graph.arrays["same"][number] != graph.arrays["same"][disease]
        }
        telling = [n for n in above if self._information[n] >= LEAST_INFORMATION and self.profile(n).exact]
        return (disease, *sorted(telling, key=lambda number: (-self._information[number], number)))

    def _p(self, finding: int, disease: int) -> tuple[float, bool] | None:
        """(P(finding | disease), excluded?) as :func:`find_relation` has it; None where the disease is silent."""
        profile = self.profile(disease)
        known = profile.exact.get(finding)
        if known is not None:
            return known, finding in profile.denied
        known = profile.narrower.get(finding)
        if known is not None:
            return known, False
        for broader in self._above(finding):
            if (stated := profile.stated.get(broader)) is not None:
                if self._information[broader] < LEAST_INFORMATION:
                    break
                share = exp(self._information[broader] - self._information[finding])
                return stated * min(share, 1.0), False
        if profile.excluded and not profile.excluded.isdisjoint(self._above(finding)):
            return ABSENT_P, False
        return None

    def _log_ratio(self, finding: int, present: bool, disease: int) -> float | None:
        """ln of the likelihood ratio of the finding (or of its absence) for the disease or the nearest one above it
        that says something; None when none does. Bounded by :data:`BOUND`.

        Who has a finding has all that it is a kind of: where the disease is silent on a present finding, the most
        telling broader one on which it is not silent stands for it (crushing chest pain is chest pain).
        """
        carried = self.carrier(finding, present, disease)
        if carried is None:
            return None
        told, number = carried
        found = self.p(told, number)
        return self._compare(told, present, found) if found else None

    def carrier(self, finding: int, present: bool, disease: int) -> tuple[int, int] | None:
        """(finding, disease) of the statement by which the one is weighed for the other; None where there is none."""
        for number in self.line(disease):
            if self.p(finding, number):
                return finding, number
        for broader in self._broader(finding) if present else ():
            if self.p(broader, disease):
                return broader, disease
        return None

    def _find_above(self, finding: int) -> tuple[int, ...]:
        """The finding and all that it is a kind of, the most informative first."""
        above = self._graph.ancestors[finding].tolist()
        return tuple(sorted(above, key=lambda number: (-self._information[number], number)))

    def _find_broader(self, finding: int) -> tuple[int, ...]:
        """Broader findings that still tell something, the most telling first."""
        return tuple(n for n in self._above(finding) if n != finding and self._information[n] >= TELLING)

    def _compare(self, finding: int, present: bool, found: tuple[float, bool]) -> float:
        p, excluded = found
        if excluded:
            return log(AGAINST) - 1 if present else log(FOR)
        background = self._background[finding]
        if not present:
            p, background = 1 - min(p, 0.99), 1 - min(background, 0.99)
        return max(-BOUND, min(BOUND, log(max(p, 1e-9) / background)))

    def argues(self, finding: int, present: bool, disease: int) -> int:
        """1 for, -1 against, 0 neither (also where the graph is silent)."""
        ratio = self.log_ratio(finding, present, disease)
        if ratio is None:
            return 0
        return 1 if ratio >= log(FOR) - 1e-9 else -1 if ratio <= log(AGAINST) + 1e-9 else 0

    def _profile(self, disease: int) -> Profile:
        graph = self._graph
        column = graph.arrays
        starts = column["edge_starts"]
        members = graph.similarity_index.equivalents(disease)
        positions = np.concatenate([np.arange(starts[n], starts[n + 1]) for n in members])
        positions = positions[column["edge_aspect"][positions] <= 1]
        rows = [column[name][positions].tolist() for name in ("edge_finding", "edge_absent", "edge_source", "edge_n")]
        p = column["edge_p"][positions].astype(np.float64).tolist()
        by_finding: dict[int, list[Statement]] = {}
        for finding, absent, source, n, value in zip(*rows, p, strict=True):
            by_finding.setdefault(finding, []).append(Statement(absent, source == 0, n, value))
        exact = {finding: _pool(edges) for finding, edges in by_finding.items()}
        present = {finding: [e for e in edges if not e.absent] for finding, edges in by_finding.items()}
        stated = {finding: _pool(edges) for finding, edges in present.items() if edges}
        narrower: dict[int, float] = {}
        for number, value in stated.items():
            for broader in graph.ancestors[number].tolist():
                narrower[broader] = max(value, narrower.get(broader, 0.0))
        excluded = frozenset(finding for finding, edges in by_finding.items() if any(e.absent for e in edges))
        return Profile(exact, stated, excluded, frozenset(exact) - frozenset(stated), narrower)

    # Tests ------------------------------------------------------------------------------------------------------------

    def _reveals(self, test: str) -> tuple[int, ...]:
        """Findings that a catalogue test can reveal, by number."""
        try:
            return tuple(dict.fromkeys(edge.finding.index for edge in self._graph.findings_of(test)))
        except UnknownConceptError:
            return ()

    def _find_tests(self, disease: int) -> dict[str, int]:
        """By test id: the likeliest of the disease's findings that the graph says it reveals, also by inheritance."""
        graph = self._graph
        found = {edge.test.id: edge.finding.index for edge in graph.tests_of(graph.at(disease))}
        profile = self.profile(disease)
        for finding in sorted(profile.stated, key=lambda number: (-profile.stated[number], number)):
            if self.argues(finding, True, disease) > 0:
                for test in self._tests_for(finding):
                    found.setdefault(test, finding)
        return found

    def _find_tests_for(self, finding: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(edge.test.id for edge in self._graph.tests_for(self._graph.at(finding))))

    def _find_test_link(self, test: str, disease: int) -> int | None:
        """The finding through which a catalogue test bears on a disease; None when it does not."""
        named = self._tests_of(disease).get(f"TEST:{test}")
        return named if named is not None else self.find_finding(self.reveals(test), disease)

    def find_finding(self, findings: Iterable[int], disease: int) -> int | None:
        """The one of these findings whose presence argues most for the disease; None when none does."""
        ratios = [(self.log_ratio(number, True, disease) or 0.0, -number) for number in findings]
        best = max(ratios, default=(0.0, 0))
        return -best[1] if best[0] >= log(FOR) else None
