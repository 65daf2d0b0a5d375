"""Patients told in HPO terms ("Present: …; …. Excluded: …."), as phenopackets tell them: read word for word, and ranked
against all diseases that HPO's release annotates.

What the results look like decides, not where a case is from: once most of them are such lists, and say more than the
story does, the case is taken so.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from medaction.domain.observation import Outcome, TestResult
from medaction.domain.transcript import DX_LENGTH
from medaction.knowledge import Grade, Kind, KnowledgeGraph
from medaction.knowledge.ranking.ranker import best_places
from medaction.knowledge.store import Array

from .beliefs import Belief
from .evidence import Evidence, EvidenceReader, Fact
from .policy import View

_LIST = re.compile(r"^(?:[^:\n]{1,80}: )?(Present|Excluded): (.+?)\.?$", re.MULTILINE)
_DETAIL = re.compile(r" \([^()]*\)$")


@dataclass(frozen=True, slots=True)
class PhenotypeSettings:
    """``temperature`` flattens the posterior: findings of one disease are not independent. ``argues``: the log ratio
    from which a finding is said to speak for or against a diagnosis."""

    temperature: float = 2.5
    argues: float = 0.7


class PhenotypeReader:
    """Listed terms of a view, as evidence. None unless most results are lists that say more than the story does."""

    def __init__(self, graph: KnowledgeGraph, stories: EvidenceReader) -> None:
        self._graph = graph
        self._stories = stories

    def read(self, view: View) -> Evidence | None:
        results = [r for o in view.observations for r in o.results if r.outcome is Outcome.RESULT]
        if 2 * sum(bool(_LIST.search(result.text)) for result in results) <= len(results):
            return None
        findings = dict(self._listed(results))
        story = self._stories.read(_without_lists(view))
        told = {number: fact for number, fact in story.findings.items() if fact.present}
        if len(findings) < max(len(told), 1):
            return None
        # What a story says in plain words, a list says exactly; only what no list speaks of is news.
        related = {n for number in findings for n in self._graph.ancestors[number].tolist()}
        for number in told.keys() - related:
            if not findings.keys() & set(self._graph.descendants[number].tolist()):
                findings[number] = told[number]
        return Evidence(story.patient, findings, {})

    def _listed(self, results: Iterable[TestResult]) -> Iterator[tuple[int, Fact]]:
        for result in results:
            for word, terms in _LIST.findall(result.text):
                for term in terms.split("; "):
                    if (number := self._number(term)) is not None:
                        yield number, Fact(number, word == "Present", result.id, 1.0, True, False)

    def _number(self, term: str) -> int | None:
        for text in (term, _DETAIL.sub("", term)):
            link = self._graph.concept(text, Kind.FINDING)
            if link is not None and link.grade is Grade.SAME:
                return link.concept.index
        return None


def _without_lists(view: View) -> View:
    """What is told in other words: the story, and laboratory values."""
    steps = []
    for step in view.steps:
        kept = tuple(result for result in step.observation.results if not _LIST.search(result.text))
        steps.append(replace(step, observation=replace(step.observation, results=kept)))
    return replace(view, steps=tuple(steps))


class PhenotypeBeliefs:
    """The posterior over all candidates of the graph's ranker, those that HPO does not annotate at 0."""

    def __init__(self, graph: KnowledgeGraph, settings: PhenotypeSettings | None = None) -> None:
        self._graph = graph
        self._settings = settings or PhenotypeSettings()

    def weigh(self, evidence: Evidence, without: tuple[str, ...], count: int) -> tuple[Array, tuple[Belief, ...]]:
        """The posterior, and the best ``count`` diseases with what speaks for and against each."""
        graph, settings = self._graph, self._settings
        told = [(fact.number, fact.present) for fact in evidence.findings.values()]
        listed, ratios, unmet = graph.ranker.shares(told, graph.reference_numbers(without))
        profiles = graph.ranker.profiles
        scores = np.where(profiles.coded, ratios.sum(0) + unmet, -np.inf)
        weights = np.exp((scores - scores.max()) / settings.temperature)
        posterior: Array = weights / weights.sum()
        facts = [evidence.findings[number] for number, _ in listed]
        beliefs = []
        for at in best_places(scores, count):
            order = np.argsort(-ratios[:, at], kind="stable").tolist()
            disease = graph.at(int(profiles.coded_heads[at]))
            supporting = tuple(facts[n] for n in order if ratios[n, at] >= settings.argues)
            contradicting = tuple(facts[n] for n in reversed(order) if ratios[n, at] <= -settings.argues)
            name = graph.title(disease, DX_LENGTH)
            beliefs.append(Belief(disease, float(posterior[at]), supporting, contradicting, at, name))
        return posterior, tuple(beliefs)
