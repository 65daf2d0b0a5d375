"""Which examination, test or question to ask next for a patient told in HPO terms."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from medaction.domain.case import Category
from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.hpo_tests import Test, load_terms
from medaction.knowledge.ranking.ranker import best_places
from medaction.knowledge.store import Array

from .selection import EXAMINATION, Choice


@dataclass(frozen=True, slots=True)
class PhenotypeTestSettings:
    """``rivals``: how many diseases a test should tell apart. ``second``: what a test's further findings add to its
    best one's information. ``least``: P of a finding that a disease does not state. ``findings``: how many, the usual
    ones of the likely diseases first, are weighed."""

    rivals: int = 30
    second: float = 0.5
    least: float = 0.02
    findings: int = 80


class PhenotypeTestSelector:
    """Tests are the rows of :mod:`medaction.knowledge.hpo_tests`: each finds the terms of its branches of HPO."""

    def __init__(self, graph: KnowledgeGraph, settings: PhenotypeTestSettings | None = None) -> None:
        self._graph = graph
        self._settings = settings or PhenotypeTestSettings()
        rows = graph.ranker.profiles.rows
        self._starts = np.searchsorted(rows.disease, np.arange(graph.ranker.profiles.size + 1))
        self._tests: dict[int, Test] = {}

    def choose(
        self,
        posterior: Array,
        *,
        ordered: Collection[str],
        refused: Collection[str],
        known: Collection[int],
        count: int,
    ) -> list[Choice]:
        """The best tests not yet ordered, by expected information about which rival it is (nats).

        ``known``: findings that are settled. A whole examination has shown all that can be seen.
        """
        settings = self._settings
        rivals = np.array(best_places(posterior, settings.rivals))
        weights = posterior[rivals] / posterior[rivals].sum()
        best: dict[str, list[tuple[float, int]]] = {}
        named: dict[str, Test] = {}
        for finding, gain in self._gains(rivals, weights, known):
            test = self._test_of(finding)
            examined = EXAMINATION in ordered and test.category is Category.EXAM
            if examined or test.name in ordered or test.key in ordered or test.key in refused:
                continue
            best.setdefault(test.key, []).append((gain, finding))
            named[test.key] = test
        choices = []
        for key, gains in best.items():
            gains.sort(key=lambda pair: (-pair[0], pair[1]))
            worth = gains[0][0] + settings.second * sum(gain for gain, _ in gains[1:])
            finding = gains[0][1]
            disease = int(rivals[int(np.argmax(weights))])
            choices.append(Choice(key, named[key].name, worth, disease, finding))
        choices.sort(key=lambda choice: (-choice.worth, choice.key))
        return [choice for choice in choices if choice.worth > 0][:count]

    def _gains(self, rivals: Array, weights: Array, known: Collection[int]) -> list[tuple[int, float]]:
        """(finding, its information in nats) of the findings that are most expected and not settled."""
        settings, rows = self._settings, self._graph.ranker.profiles.rows
        spans = [np.arange(self._starts[place], self._starts[place + 1]) for place in rivals.tolist()]
        position = np.repeat(np.arange(len(rivals)), [len(span) for span in spans])
        chosen = np.concatenate(spans)
        findings, line = np.unique(rows.finding[chosen], return_inverse=True)
        p = np.full((len(findings), len(rivals)), settings.least)
        p[line, position] = np.clip(rows.p[chosen], settings.least, 0.98)
        expected = np.where(np.isin(findings, list(known)), -1.0, p @ weights)
        order = [place for place in best_places(expected, settings.findings) if expected[place] >= 0]
        gains = _entropy(p[order] @ weights) - _entropy(p[order]) @ weights
        return list(zip(findings[order].tolist(), gains.tolist(), strict=True))

    def _test_of(self, finding: int) -> Test:
        if finding not in self._tests:
            concept = self._graph.at(finding)
            self._tests[finding] = load_terms().term(concept.id, concept.name).test
        return self._tests[finding]


def _entropy(p: Array) -> Array:
    entropy: Array = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    return entropy
