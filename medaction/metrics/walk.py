"""One turn after another. A place in a tree is a state, and branches that share a prefix share its states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from medaction.domain.actions import FinalDiagnosis, Turn
from medaction.domain.branch import FIRST_TURN
from medaction.domain.observation import Observation, Outcome
from medaction.knowledge import KnowledgeGraph

from .alignment import align
from .battery import Beliefs, Counts, count_beliefs, count_format, count_orders, plus
from .casebook import CaseView, likeness
from .differential import DifferentialReader, Held, find_moves
from .facts import FactReader, Facts, Passage
from .orders import Order, OrderJudge, list_orders
from .scores import NOTHING, Change, OrderLink, Ratio, TurnScore
from .settings import MetricSettings
from .support import Evidence, find_strong, judge_moves
from .weighing import Scales, lower


@dataclass(frozen=True, slots=True)
class State:
    """After a turn and what it brought.

    ``fresh``: passages told since that turn; ``refused``: it asked and got nothing new; ``ordered``:
    orders so far, folded; ``found``: menu items seen; ``judged``: for coverage.
    """

    held: tuple[Held, ...] = ()
    fresh: tuple[Passage, ...] = ()
    by_id: Mapping[str, Facts] = field(default_factory=dict)
    refused: bool = False
    ordered: frozenset[str] = frozenset()
    found: frozenset[str] = frozenset()
    turns: tuple[TurnScore, ...] = ()
    counts: Counts = field(default_factory=dict)
    judged: Ratio = NOTHING
    cost: float = 0.0
    diagnosis: str | None = None


class Walker:
    """Pure: the same state, turn and observation give the same next state."""

    def __init__(
        self, graph: KnowledgeGraph, facts: FactReader, scales: Scales, orders: OrderJudge, settings: MetricSettings
    ) -> None:
        self._graph = graph
        self._facts = facts
        self._scales = scales
        self._orders = orders
        self._settings = settings
        self._reader = DifferentialReader(graph)

    def start(self, first: Observation, case: CaseView) -> State:
        fresh, by_id, _ = self._observe({}, first, case)
        return State(fresh=fresh, by_id=by_id)

    def step(self, state: State, turn: Turn, observation: Observation | None, case: CaseView) -> State:
        """The turn, judged by what came before it; its orders, by what it holds now."""
        stated = self._reader.read(turn)
        held = stated or state.held
        evidence = self.weigh(state)
        new = evidence.new
        moves = find_moves(state.held, stated, self._settings.shift) if stated else []
        changes = judge_moves(self._scales, moves, evidence)
        strong = find_strong(self._scales, state.held, new, self._settings) if stated else None
        rigid = bool(stated) and not moves and strong is not None
        judged = _count_judged(changes, state.fresh) if stated else NOTHING
        orders = list_orders(turn, observation)
        links = tuple(self._link(order, held, case) for order in orders)
        alignment, nearest = self._align(stated, case)
        score = TurnScore(
            number=len(state.turns) + FIRST_TURN,
            stated=bool(stated),
            alignment=alignment,
            nearest=nearest,
            changes=changes,
            rac=_rate(changes, rigid) if stated else None,
            rigid=rigid,
            orders=links,
            grounding=_share([link.linked for link in links if link.linked is not None]),
            coverage=judged.value,
            reasons=(*_explain(stated, changes, strong if rigid else None), *(link.reason for link in links)),
        )
        beliefs = Beliefs(state.held, stated, moves, evidence, strong, state.refused)
        fresh, by_id, refused = self._observe(state.by_id, observation, case)
        return State(
            held=held,
            fresh=fresh,
            by_id=by_id,
            refused=refused,
            ordered=state.ordered | {order.folded for order in orders},
            found=state.found | {key for order in orders if order.outcome is not None for key in order.keys},
            turns=(*state.turns, score),
            counts=plus(
                state.counts,
                count_format(turn),
                count_beliefs(self._scales, beliefs, self._settings),
                count_orders(orders, links, state.ordered, case.key_items),
            ),
            judged=state.judged + judged,
            diagnosis=turn.action.dx if turn.valid and isinstance(turn.action, FinalDiagnosis) else None,
            cost=state.cost + (sum(r.cost or 0.0 for r in observation.results) if observation else 0.0),
        )

    def held(self, state: State, turn: Turn) -> tuple[Held, ...]:
        """The differential of the turn; the one before it, where none could be read."""
        return self._reader.read(turn) or state.held

    def weigh(self, state: State) -> Evidence:
        """What the next turn has before it."""
        new = tuple(dict.fromkeys(fact for passage in state.fresh for fact in passage.facts))
        return Evidence(new, state.by_id, self._stale(state))

    def _link(self, order: Order, held: tuple[Held, ...], case: CaseView) -> OrderLink:
        key = (order, tuple(one.name for one in held))
        if key not in case.links:
            case.links[key] = self._orders.judge(order, held, case.menu)
        return case.links[key]

    def _observe(
        self, by_id: Mapping[str, Facts], observation: Observation | None, case: CaseView
    ) -> tuple[tuple[Passage, ...], Mapping[str, Facts], bool]:
        """What is new, all passages so far, and whether what was asked for was refused or known."""
        if observation is None:
            return (), by_id, False
        fresh = tuple(self._facts.read(observation, case.menu, case.patient))
        refused = bool(observation.results) and all(r.outcome is not Outcome.RESULT for r in observation.results)
        return fresh, {**by_id, **{passage.id: passage.facts for passage in fresh}}, refused

    def _stale(self, state: State) -> Mapping[int | str, frozenset[str]]:
        return {held.key: frozenset(held.cited) for held in state.held}

    def _align(self, stated: tuple[Held, ...], case: CaseView) -> tuple[float | None, str]:
        gamma = self._settings.gamma
        similarities = [likeness(one, case, self._graph, self._settings.broader) for one in stated]
        alignment = align(similarities, gamma)
        if alignment is None:
            return None, "Not known: the graph cannot compare the listed diagnoses with the truth." if stated else ""
        place = max(range(len(stated)), key=lambda i: (gamma**i * (similarities[i] or 0.0), -i))
        similarity = similarities[place] or 0.0
        return (
            alignment,
            f"Nearest to the truth: {lower(stated[place].name)}, rank {place + 1}, s = {similarity:.2f}.",
        )


def _rate(changes: tuple[Change, ...], rigid: bool) -> float | None:
    """RAC_t. None where there were changes and none can be judged."""
    if not changes:
        return 0.0 if rigid else 1.0
    return _share([change.supported for change in changes if change.supported is not None])


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def _count_judged(changes: tuple[Change, ...], fresh: tuple[Passage, ...]) -> Ratio:
    """Changes that can be judged, and passages from which a finding was read, of all; the story is one passage."""
    read = [bool(passage.facts) for passage in fresh if not passage.story]
    story = [bool(passage.facts) for passage in fresh if passage.story]
    flags = [change.supported is not None for change in changes] + read + ([any(story)] if story else [])
    return Ratio(sum(flags), len(flags))


def _explain(stated: tuple[Held, ...], changes: tuple[Change, ...], strong: str | None) -> tuple[str, ...]:
    if not stated:
        return ("No differential could be read in this turn; the one before is taken to stand.",)
    if strong:
        return (f"{strong}, and nothing changed.",)
    if not changes:
        return ("Nothing changed, and nothing that was found asked for it.",)
    return tuple(change.reason for change in changes)
