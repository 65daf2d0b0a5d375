"""The posterior over diseases, and what in the evidence made it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medaction.knowledge import Concept, KnowledgeGraph, rank_diseases
from medaction.knowledge.store import Array

from .evidence import Evidence, Fact
from .likelihood import Likelihood


@dataclass(frozen=True, slots=True)
class BeliefSettings:
    """Estimates. ``temperature`` flattens the posterior, since findings are not independent; ``prior``: how far priors
    count. Log ratios: ``named`` of a result that names the disease, ``ruled_out`` of one that denies it, ``known`` of a
    story in which the patient has had it for years. A finding whose background is below ``salient`` asks for an
    explanation; with less than ``explained`` of at least ``least`` such findings explained, rare ones are looked up.
    ``redundancy``: how much a finding loses to another that speaks for the same diseases.
    """

    temperature: float = 1.25
    prior: float = 0.5
    named: float = 4.0
    ruled_out: float = -2.0
    known: float = -4.0
    salient: float = 0.03
    explained: float = 0.34
    least: int = 3
    weight_of_absence: float = 1.0
    redundancy: float = 0.2


@dataclass(frozen=True, slots=True)
class Belief:
    """One hypothesis. ``row`` is its place in the posterior, None for a rare one of HPO beside the authored diseases.

    ``name`` is what to call it, where that is not the disease's own name.
    """

    disease: Concept
    p: float
    supporting: tuple[Fact, ...]
    contradicting: tuple[Fact, ...]
    row: int | None
    name: str = ""


class BeliefUpdater:
    """Evidence in, beliefs out; pure and deterministic."""

    def __init__(self, likelihood: Likelihood, settings: BeliefSettings | None = None) -> None:
        self._likelihood = likelihood
        self._graph: KnowledgeGraph = likelihood.graph
        self.settings = settings or BeliefSettings()

    def posterior(self, evidence: Evidence) -> Array:
        """P over the authored diseases."""
        scores = self.scores(evidence) / self.settings.temperature
        weights = np.exp(scores - scores.max())
        p: Array = weights / weights.sum()
        return p

    def scores(self, evidence: Evidence) -> Array:
        settings, likelihood = self.settings, self._likelihood
        total: Array = settings.prior * likelihood.priors(evidence.patient)
        total = total + likelihood.lasting(evidence.durations)
        present = [fact.number for fact in evidence.findings.values() if fact.present]
        total = total + likelihood.untold(present, evidence.findings)
        shares = [self._share(group) for group in self._groups(evidence)]
        if shares:
            total = total + self._independent(np.array(shares)) @ np.array(shares)
        for fact in evidence.findings.values():
            if not fact.present:
                total = total + settings.weight_of_absence * fact.weight * likelihood.absent(fact.number)
        for fact in evidence.diseases.values():
            shift = self._of_named(fact)
            for row in self._rows_of(fact.number) if shift else ():
                total[row] += shift
        return total

    def _share(self, group: Sequence[Fact]) -> Array:
        shares = [fact.weight * self._likelihood.present(fact.number) for fact in group]
        best: Array = shares[0] if len(shares) == 1 else np.max(shares, axis=0)
        return best

    def _independent(self, shares: Array) -> Array:
        """How far each finding counts: the less, the more others speak for the same diseases (cosine)."""
        speaking = np.maximum(shares, 0)
        speaking /= np.linalg.norm(speaking, axis=1, keepdims=True) + 1e-9
        alike = (speaking @ speaking.T).sum(1) - (speaking * speaking).sum(1)
        weights: Array = 1 / (1 + self.settings.redundancy * alike)
        return weights

    def _of_named(self, fact: Fact) -> float:
        if not fact.present:
            return self.settings.ruled_out if fact.result else 0.0
        if fact.result:
            return self.settings.named
        return self.settings.known if fact.past else 0.0

    def _rows_of(self, number: int) -> list[int]:
        """The disease itself, and authored diseases that are kinds of it."""
        row = self._likelihood.row
        return [row[below] for below in self._graph.descendants[number].tolist() if below in row]

    def _groups(self, evidence: Evidence) -> list[list[Fact]]:
        """Present findings, those of one is-a line together: they are one observation, told more or less exactly."""
        present = [fact for fact in evidence.findings.values() if fact.present]
        numbers = {fact.number: fact for fact in present}
        above = {n: [a for a in self._graph.ancestors[n].tolist() if a in numbers and a != n] for n in numbers}
        covered = {a for ancestors in above.values() for a in ancestors}
        return [[fact, *(numbers[a] for a in above[fact.number])] for fact in present if fact.number not in covered]

    def beliefs(self, evidence: Evidence, posterior: Array, count: int = 10) -> list[Belief]:
        """The best diseases with the facts that speak for and against each; rare ones where common ones fall short."""
        order = np.argsort(-posterior, kind="stable")[:count].tolist()
        found = [self._belief(evidence, row, float(posterior[row])) for row in order]
        rare = self._rare(evidence, order[0])
        if rare:
            kept = 1 - sum(belief.p for belief in rare)
            found = [Belief(b.disease, b.p * kept, b.supporting, b.contradicting, b.row) for b in found]
        return sorted([*found, *rare], key=lambda belief: -belief.p)[:count]

    def _belief(self, evidence: Evidence, row: int, p: float) -> Belief:
        likelihood = self._likelihood
        shares = []
        for fact in evidence.findings.values():
            of = likelihood.present if fact.present else likelihood.absent
            shares.append((fact.weight * float(of(fact.number)[row]), fact))
        disease = likelihood.diseases[row]
        for fact in evidence.diseases.values():
            if row in self._rows_of(fact.number):
                shares.append((self._of_named(fact), fact))
        shares.sort(key=lambda share: -share[0])
        supporting = tuple(fact for share, fact in shares if share > 0.5)
        contradicting = tuple(fact for share, fact in reversed(shares) if share < (-0.5 if not fact.present else -1.0))
        return Belief(disease, p, supporting, contradicting, row)

    def _rare(self, evidence: Evidence, top: int) -> list[Belief]:
        """Diseases of HPO, when the best authored one leaves most of the telling findings unexplained."""
        settings, likelihood = self.settings, self._likelihood
        present = [fact for fact in evidence.findings.values() if fact.present and not fact.past]
        salient = [fact for fact in present if likelihood.background(fact.number) <= settings.salient]
        if len(salient) < settings.least:
            return []
        explained = sum(float(likelihood.present(fact.number)[top]) > 0.5 for fact in salient) / len(salient)
        if explained >= settings.explained:
            return []
        findings = [(self._graph.at(fact.number), fact.present) for fact in evidence.findings.values()]
        patient = evidence.patient
        ranked = rank_diseases(self._graph, findings, count=3, age=patient.age, sex=patient.sex)
        ranked = [one for one in ranked if self._graph.card(one.disease) is None]
        if not ranked:
            return []
        weights = np.exp(np.array([one.score for one in ranked]) - ranked[0].score)
        share = 0.5 * (1 - explained)
        facts = {fact.number: fact for fact in evidence.findings.values()}
        return [
            Belief(
                one.disease,
                float(share * weight / weights.sum()),
                tuple(facts[concept.index] for concept, ratio in one.shares if ratio > 1 and concept.index in facts),
                (),
                None,
            )
            for one, weight in zip(ranked, weights, strict=True)
        ]
