"""The algorithmic policy: a posterior over the graph, the next test by what it is expected to tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from medaction.distill import KG_LABEL
from medaction.domain.actions import MAX_HYPOTHESES, MAX_TESTS, Action, FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.naming import catalogue_key
from medaction.domain.observation import Outcome
from medaction.domain.transcript import render_turn
from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.extraction import Extractor

from .beliefs import Belief, BeliefSettings, BeliefUpdater
from .evidence import EvidenceReader
from .likelihood import Likelihood, LikelihoodSettings
from .policy import Reply, View
from .selection import EXAMINATION, Choice, SelectionSettings, TestSelector
from .wording import cite, diagnosis_name, explain_turn, plan_of_orders


@dataclass(frozen=True, slots=True)
class KgSettings:
    """``confident``: the posterior at which it commits, unless a disease that must not be missed still has ``rival``.
    ``dry``: turns in a row that brought nothing, after which the menu counts as dry. ``ranking``: diagnoses listed."""

    confident: float = 0.95
    rival: float = 0.05
    dry: int = 2
    ranking: int = 10
    likelihood: LikelihoodSettings = field(default_factory=LikelihoodSettings)
    beliefs: BeliefSettings = field(default_factory=BeliefSettings)
    selection: SelectionSettings = field(default_factory=SelectionSettings)


class KgPolicy:
    """Deterministic: equal views give equal replies. Making one takes about a second; answering, milliseconds."""

    name = "kg"
    label = KG_LABEL

    def __init__(
        self, graph: KnowledgeGraph, settings: KgSettings | None = None, extractor: Extractor | None = None
    ) -> None:
        self._graph = graph
        self._settings = settings or KgSettings()
        likelihood = Likelihood(graph, self._settings.likelihood)
        self._reader = EvidenceReader(graph, extractor or Extractor(graph))
        self._updater = BeliefUpdater(likelihood, self._settings.beliefs)
        self._selector = TestSelector(likelihood, self._settings.selection)

    async def answer(self, view: View) -> Reply:
        return self.decide(view)

    async def aclose(self) -> None:
        """Nothing is held."""

    def decide(self, view: View) -> Reply:
        """The next turn for what has been shown."""
        evidence = self._reader.read(view)
        posterior = self._updater.posterior(evidence)
        beliefs = self._updater.beliefs(evidence, posterior, self._settings.ranking)
        choices: list[Choice] = []
        names: list[str] = []
        if not (view.must_diagnose or self._is_settled(view, beliefs) or self._is_dry(view)):
            ordered = _ordered(view)
            if catalogue_key(EXAMINATION) not in ordered and EXAMINATION not in ordered:
                names = [EXAMINATION]
            settled = {number for number, fact in evidence.findings.items() if fact.result or fact.present}
            choices = self._selector.choose(posterior, ordered=ordered, known=settled, count=MAX_TESTS - len(names))
            names += [choice.name for choice in choices]
        action: Action = TestOrder(tuple(names)) if names else FinalDiagnosis(diagnosis_name(beliefs[0]))
        plan = plan_of_orders(self._graph, choices, names) if names else "I settle on it."
        turn = Turn(explain_turn(self._graph, beliefs, plan), _differential(beliefs), action)
        ranking = tuple(diagnosis_name(belief) for belief in beliefs)
        return Reply(turn, render_turn(turn), ranking)

    def _is_settled(self, view: View, beliefs: Sequence[Belief]) -> bool:
        """Confident, the patient examined, and nothing dangerous left open."""
        open_danger = any(b.disease.must_not_miss and b.p >= self._settings.rival for b in beliefs[1:])
        return bool(view.steps) and beliefs[0].p >= self._settings.confident and not open_danger

    def _is_dry(self, view: View) -> bool:
        """Whether the last turns brought nothing but refusals."""
        last = view.steps[-self._settings.dry :]
        brought = any(r.outcome is Outcome.RESULT for step in last for r in step.observation.results)
        return len(last) == self._settings.dry and not brought


def _ordered(view: View) -> set[str]:
    """Orders so far, as written and as catalogue keys."""
    written: set[str] = set()
    for step in view.steps:
        action = step.reply.turn.action
        written.update(action.tests if isinstance(action, TestOrder) else ())
        written.update(result.order for result in step.observation.results)
        written.update(result.name for result in step.observation.results)
    keys = {key for order in written if (key := catalogue_key(order))}
    return written | keys


def _differential(beliefs: Sequence[Belief]) -> tuple[Hypothesis, ...]:
    return tuple(
        Hypothesis(diagnosis_name(b), round(b.p, 3), cite(b.supporting), cite(b.contradicting))
        for b in beliefs[:MAX_HYPOTHESES]
    )
