"""The algorithmic policy: a posterior over the graph, the next test by what it is expected to tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from medaction.distill import KG_LABEL
from medaction.domain.actions import MAX_HYPOTHESES, MAX_TESTS, Action, FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.naming import catalogue_key
from medaction.domain.observation import Observation, Outcome
from medaction.domain.transcript import render_turn
from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.extraction import Extractor
from medaction.knowledge.store import Array

from .advice import Advice, list_ordered, list_refused, make_advice
from .beliefs import Belief, BeliefSettings, BeliefUpdater
from .evidence import Evidence, EvidenceReader
from .likelihood import Likelihood, LikelihoodSettings
from .phenotype_tests import PhenotypeTestSelector
from .phenotypes import PhenotypeBeliefs, PhenotypeReader
from .policy import Reply, Step, View
from .sampling import Noise, SamplingSettings, lean_beliefs, lean_posterior, pick_near_best, read_leanings
from .selection import EXAMINATION, Choice, SelectionSettings, TestSelector
from .wording import cite, diagnosis_name, explain_turn, plan_of_orders

LEAST_HYPOTHESES = 2
"""Of a turn in the dialect."""
THOUGHTS = 64
"""Views whose evidence is kept: those of the tree that is being grown."""


@dataclass(frozen=True, slots=True)
class KgSettings:
    """``confident``: the posterior at which it commits, unless a disease that must not be missed still has ``rival``.
    ``dry``: turns in a row that brought nothing, or changed nothing while the first diagnosis has ``likely``, after
    which the menu counts as dry; ``moved`` is the least change that counts. ``ranking``: diagnoses listed."""

    confident: float = 0.95
    rival: float = 0.05
    dry: int = 2
    likely: float = 0.8
    moved: float = 0.02
    ranking: int = 10
    likelihood: LikelihoodSettings = field(default_factory=LikelihoodSettings)
    beliefs: BeliefSettings = field(default_factory=BeliefSettings)
    selection: SelectionSettings = field(default_factory=SelectionSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)


@dataclass(frozen=True, slots=True)
class _Thought:
    """What the evidence of a view tells."""

    evidence: Evidence
    posterior: Array
    beliefs: tuple[Belief, ...]
    tests: TestSelector | PhenotypeTestSelector


def open_extractor(graph: KnowledgeGraph) -> Extractor:
    """How this policy reads text; several policies may share one, for its cache."""
    return Extractor(graph, loose=True)


class KgPolicy:
    """Deterministic: equal views give equal replies. Making one takes about a second; answering, milliseconds."""

    name = "kg"
    label = KG_LABEL

    def __init__(
        self,
        graph: KnowledgeGraph,
        settings: KgSettings | None = None,
        extractor: Extractor | None = None,
        *,
        name: str = name,
        label: str = label,
    ) -> None:
        self.name, self.label = name, label
        self._graph = graph
        self._settings = settings or KgSettings()
        likelihood = Likelihood(graph, self._settings.likelihood)
        self._reader = EvidenceReader(graph, extractor or open_extractor(graph))
        self._updater = BeliefUpdater(likelihood, self._settings.beliefs)
        self._selector = TestSelector(likelihood, self._settings.selection)
        self._phenotypes = PhenotypeReader(graph, self._reader)
        self._thoughts: dict[tuple[tuple[Observation, ...], tuple[str, ...]], _Thought] = {}

    async def answer(self, view: View) -> Reply:
        return self.decide(view)

    async def propose(self, view: View, count: int, seed: int, temperature: float) -> list[Reply]:
        """The first reply leans no further than its branch does already; the others are drawn."""
        thought = self._think(view)
        calm = self._drawn(view, thought, None, 0.0)
        return [calm, *(self._drawn(view, thought, Noise(seed + place), temperature) for place in range(1, count))]

    async def aclose(self) -> None:
        """Nothing is held."""

    def decide(self, view: View) -> Reply:
        """The next turn for what has been shown."""
        thought = self._think(view)
        return self._reply(view, thought, list(thought.beliefs), thought.posterior, None, 0.0)

    def advise(self, view: View, candidates: int, tests: int) -> Advice:
        """What it holds of the view, for another policy to choose from; it does not say whether to go on."""
        thought = self._think(view)
        beliefs = _supported(thought.beliefs)[:candidates]
        named = [choice.name for choice in self._choose(view, thought, thought.posterior, tests)]
        return make_advice(self._graph, beliefs, [*_examination(view), *named][:tests])

    def _think(self, view: View) -> _Thought:
        """Depends on the observations alone, so siblings and their children share it."""
        key = view.observations, view.without
        if (known := self._thoughts.get(key)) is not None:
            return known
        if len(self._thoughts) >= THOUGHTS:
            self._thoughts.pop(next(iter(self._thoughts)))
        thought = self._thoughts[key] = self._think_anew(view)
        return thought

    def _think_anew(self, view: View) -> _Thought:
        if (coded := self._phenotypes.read(view)) is not None:
            beliefs_of, tests = self._of_phenotypes
            posterior, found = beliefs_of.weigh(coded, view.without, self._settings.ranking)
            return _Thought(coded, posterior, found, tests)
        evidence = self._reader.read(view)
        posterior = self._updater.posterior(evidence)
        beliefs = self._updater.beliefs(evidence, posterior, self._settings.ranking)
        return _Thought(evidence, posterior, tuple(beliefs), self._selector)

    @cached_property
    def _of_phenotypes(self) -> tuple[PhenotypeBeliefs, PhenotypeTestSelector]:
        """Made when the first patient is told in HPO terms, in about a second."""
        return PhenotypeBeliefs(self._graph), PhenotypeTestSelector(self._graph)

    def _drawn(self, view: View, thought: _Thought, noise: Noise | None, temperature: float) -> Reply:
        """A reply that leans as its branch did at the turn before, a little less, and by fresh noise."""
        kept = self._settings.sampling.kept
        before = self._leanings(view)
        leanings = np.array([kept * before.get(diagnosis_name(b), 0.0) for b in thought.beliefs])
        if noise is not None:
            leanings = leanings + temperature * noise.draw(len(leanings)) * (1.0 if not view.steps else 1 - kept)
        beliefs = lean_beliefs(thought.beliefs, leanings.tolist())
        posterior = lean_posterior(thought.posterior, thought.beliefs, beliefs)
        return self._reply(view, thought, beliefs, posterior, noise, temperature)

    def _leanings(self, view: View) -> dict[str, float]:
        if not view.steps:
            return {}
        own = self._think(replace(view, steps=view.steps[:-1])).beliefs
        said = view.steps[-1].reply.turn.differential
        return read_leanings([(h.dx, h.p) for h in said], [(diagnosis_name(b), b.p) for b in own])

    def _reply(
        self,
        view: View,
        thought: _Thought,
        beliefs: list[Belief],
        posterior: Array,
        noise: Noise | None,
        temperature: float,
    ) -> Reply:
        choices: list[Choice] = []
        names: list[str] = []
        beliefs = _supported(beliefs)
        if not (view.must_diagnose or self._is_settled(view, beliefs) or self._is_dry(view, beliefs[0])):
            names = _examination(view)
            room = MAX_TESTS - len(names)
            sampling = self._settings.sampling
            choices = self._choose(view, thought, posterior, room + (0 if noise is None else sampling.near))
            if noise is not None:
                choices = pick_near_best(choices, room, noise, sampling.tests * temperature)
            names += [choice.name for choice in choices]
        action: Action = TestOrder(tuple(names)) if names else FinalDiagnosis(diagnosis_name(beliefs[0]))
        plan = plan_of_orders(self._graph, choices, names) if names else "I settle on it."
        turn = Turn(explain_turn(self._graph, beliefs, plan), _differential(beliefs), action)
        ranking = tuple(diagnosis_name(belief) for belief in beliefs)
        return Reply(turn, render_turn(turn), ranking)

    def _choose(self, view: View, thought: _Thought, posterior: Array, count: int) -> list[Choice]:
        found = thought.evidence.findings
        settled = {number for number, fact in found.items() if fact.result or fact.present}
        ordered, refused = list_ordered(view), list_refused(view)
        return thought.tests.choose(posterior, ordered=ordered, refused=refused, known=settled, count=count)

    def _is_settled(self, view: View, beliefs: Sequence[Belief]) -> bool:
        """Confident, the patient examined, and nothing dangerous left open."""
        open_danger = any(b.disease.must_not_miss and b.p >= self._settings.rival for b in beliefs[1:])
        return bool(view.steps) and beliefs[0].p >= self._settings.confident and not open_danger

    def _is_dry(self, view: View, first: Belief) -> bool:
        """Whether the last turns brought nothing but refusals, or nothing that changed a likely diagnosis."""
        settings = self._settings
        last = view.steps[-settings.dry :]
        if len(last) < settings.dry:
            return False
        brought = any(r.outcome is Outcome.RESULT for step in last for r in step.observation.results)
        return not brought or (first.p >= settings.likely and all(self._stood(step, first) for step in last))

    def _stood(self, step: Step, first: Belief) -> bool:
        """Whether an earlier turn said of the first diagnosis what can be said now."""
        said = step.reply.turn.differential[:1]
        return (
            bool(said)
            and said[0].dx == diagnosis_name(first)
            and abs((said[0].p or 0.0) - first.p) < self._settings.moved
        )


def _supported(beliefs: Sequence[Belief]) -> list[Belief]:
    """What something speaks for comes first: how common a disease is makes no hypothesis of it, unless too few have
    more than that, and then only as many as a turn needs."""
    told = [belief for belief in beliefs if belief.supporting]
    rest = [belief for belief in beliefs if not belief.supporting]
    return told + rest[: max(LEAST_HYPOTHESES - len(told), 0)]


def _examination(view: View) -> list[str]:
    """The examination of the whole patient, until it is ordered."""
    ordered = list_ordered(view)
    return [] if catalogue_key(EXAMINATION) in ordered or EXAMINATION in ordered else [EXAMINATION]


def _differential(beliefs: Sequence[Belief]) -> tuple[Hypothesis, ...]:
    return tuple(
        Hypothesis(diagnosis_name(b), round(b.p, 3), cite(b.supporting), cite(b.contradicting))
        for b in beliefs[:MAX_HYPOTHESES]
    )
