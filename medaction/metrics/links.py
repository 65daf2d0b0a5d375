"""What the graph says of a finding in a disease, and of a test for a disease; looked up thousands of times a second.

:func:`medaction.knowledge.find_relation` says the same with its sources; here each disease's statements are gathered
once, and a question about a finding is a look into a table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np

from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.graph import UnknownConceptError
from medaction.knowledge.relation import ABSENT_P, LEAST_INFORMATION, pooled_p

FOR, AGAINST = 2.0, 0.5
"""Likelihood ratios from which on a finding argues for, or against, a disease (those of ``Relation.argues``)."""
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


class Links:
    """Answers are remembered for the life of the object; concepts are numbers of the graph."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self.profile = lru_cache(maxsize=20_000)(self._profile)
        self.p = lru_cache(maxsize=1_000_000)(self._p)
        self.log_ratio = lru_cache(maxsize=1_000_000)(self._log_ratio)
        self.find_test_link = lru_cache(maxsize=500_000)(self._find_test_link)
        self._tests_of = lru_cache(maxsize=20_000)(self._find_tests)
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
        information = graph.arrays["information"]
        telling = [n for n in above if information[n] >= LEAST_INFORMATION and self.profile(n).exact]
        return (disease, *sorted(telling, key=lambda number: (-float(information[number]), number)))

    def _p(self, finding: int, disease: int) -> tuple[float, bool] | None:
        """(P(finding | disease), excluded?) as :func:`find_relation` has it; None where the disease is silent."""
        profile = self.profile(disease)
        known = profile.exact.get(finding)
        if known is not None:
            return known, finding in profile.denied
        known = profile.narrower.get(finding)
        if known is not None:
            return known, False
        above = self._graph.ancestors[finding].tolist()
        information = self._graph.arrays["information"]
        broader = [n for n in above if n in profile.stated and information[n] >= LEAST_INFORMATION]
        if broader:
            nearest = max(broader, key=lambda number: float(information[number]))
            share = float(np.exp(information[nearest] - information[finding]))
            return profile.stated[nearest] * min(share, 1.0), False
        if any(number in profile.excluded for number in above):
            return ABSENT_P, False
        return None

    def _log_ratio(self, finding: int, present: bool, disease: int) -> float | None:
        """ln of the likelihood ratio of the finding (or of its absence) for the disease or the nearest one above it
        that says something; None when none does. Bounded by :data:`BOUND`."""
        for number in self.line(disease):
            found = self.p(finding, number)
            if found is None:
                continue
            p, excluded = found
            background = self._graph.background(self._graph.at(finding))
            if excluded:
                return log(AGAINST) - 1 if present else log(FOR)
            if not present:
                p, background = 1 - min(p, 0.99), 1 - min(background, 0.99)
            return max(-BOUND, min(BOUND, log(max(p, 1e-9) / background)))
        return None

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
        findings = column["edge_finding"][positions]
        absent = column["edge_absent"][positions]
        exact: dict[int, float] = {}
        stated: dict[int, float] = {}
        for number in np.unique(findings).tolist():
            here = findings == number
            exact[number] = pooled_p(column, positions[here])
            if not absent[here].all():
                stated[number] = pooled_p(column, positions[here & ~absent])
        narrower: dict[int, float] = {}
        for number, p in stated.items():
            for broader in graph.ancestors[number].tolist():
                narrower[broader] = max(p, narrower.get(broader, 0.0))
        denied = frozenset(exact) - frozenset(stated)
        return Profile(exact, stated, frozenset(findings[absent].tolist()), denied, narrower)

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
                for edge in graph.tests_for(graph.at(finding)):
                    found.setdefault(edge.test.id, finding)
        return found

    def _find_test_link(self, test: str, disease: int) -> int | None:
        """The finding through which a catalogue test bears on a disease; None when it does not."""
        named = self._tests_of(disease).get(f"TEST:{test}")
        return named if named is not None else self.find_finding(self.reveals(test), disease)

    def find_finding(self, findings: Iterable[int], disease: int) -> int | None:
        """The one of these findings whose presence argues most for the disease; None when none does."""
        ratios = [(self.log_ratio(number, True, disease) or 0.0, -number) for number in findings]
        best = max(ratios, default=(0.0, 0))
        return -best[1] if best[0] >= log(FOR) else None
