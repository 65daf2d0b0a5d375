"""Which edges of the graph a branch's metrics rest on: for whoever is to say whether those edges are right."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from medaction.domain.branch import FIRST_TURN, Branch, BranchStep
from medaction.knowledge import Concept, KnowledgeGraph, TestEdge, find_relation

from .casebook import CaseView
from .differential import Held
from .facts import Fact
from .orders import OrderJudge, list_orders
from .walk import State, Walker
from .weighing import Scales

HAS_FINDING, REVEALS = "has_finding", "reveals"
SIDES = {1: "for", -1: "against", 0: "neither"}


@dataclass(frozen=True, slots=True)
class UsedEdge:
    """``source`` (a disease or a test) ``relation`` ``target`` (a finding), and where the branch used it.

    ``turns``: numbers of the turns. ``told``: what the case told that was weighed by this edge, or the orders that were
    linked by it. ``argues``: ``for``, ``against`` or ``neither``; of a test always ``for``. ``p``: P(finding | disease)
    as the graph states it, None for a test. ``sources`` and ``references`` are of all statements behind the edge.
    """

    relation: str
    source: Concept
    target: Concept
    turns: tuple[int, ...]
    told: tuple[str, ...]
    argues: str
    p: float | None
    sources: tuple[str, ...]
    references: tuple[str, ...]


@dataclass(slots=True)
class _Use:
    turns: dict[int, None] = field(default_factory=dict)
    told: dict[str, None] = field(default_factory=dict)
    sides: set[int] = field(default_factory=set)


_Pair = tuple[str, int, int]
_Found = tuple[_Pair, str, int]


def trace_edges(
    walker: Walker, scales: Scales, orders: OrderJudge, branch: Branch, case: CaseView
) -> tuple[UsedEdge, ...]:
    uses: dict[_Pair, _Use] = {}
    state = walker.start(branch.first, case)
    for number, step in enumerate(branch.steps, start=FIRST_TURN):
        listed = walker.held(state, step.turn)
        for pair, told, side in (*_weighed(walker, scales, state, listed), *_ordered(scales, orders, step, listed)):
            use = uses.setdefault(pair, _Use())
            use.turns[number] = use.told[told] = None
            use.sides.add(side)
        state = walker.step(state, step.turn, step.observation, case)
    return tuple(_describe(scales.graph, pair, use) for pair, use in uses.items())


def _weighed(walker: Walker, scales: Scales, state: State, listed: tuple[Held, ...]) -> Iterator[_Found]:
    """Facts against the diagnoses of this turn and of the one before: what was found is weighed for both."""
    evidence = walker.weigh(state)
    for held in dict.fromkeys((*listed, *state.held)):
        if held.concept is None:
            continue
        disease = held.concept.index
        for fact in dict.fromkeys((*evidence.new, *evidence.older(held))):
            if not fact.is_disease and (pair := _carrying(scales, fact, disease)):
                yield pair, scales.name(fact), scales.argues(fact, disease)


def _carrying(scales: Scales, fact: Fact, disease: int) -> _Pair | None:
    carried = scales.links.carrier(fact.number, fact.present, disease)
    if carried is None:
        return None
    graph = scales.graph
    relation = find_relation(graph, graph.at(carried[0]), graph.at(carried[1]))
    if relation is None:
        return None
    # One name for the edge, whichever of the equivalent diseases the branch listed.
    stated = min(relation.edges, key=lambda edge: (edge.source not in ("authored", "site"), edge.disease.id))
    return HAS_FINDING, stated.disease.index, stated.finding.index


def _ordered(scales: Scales, orders: OrderJudge, step: BranchStep, listed: tuple[Held, ...]) -> Iterator[_Found]:
    graph = scales.graph
    for order in list_orders(step.turn, step.observation):
        for key in orders.tests(order.text):
            for held in listed:
                finding = scales.links.find_test_link(key, held.concept.index) if held.concept else None
                if finding is not None and (edge := _revealing(graph, key, finding)):
                    target = edge.inherited_from or edge.finding
                    yield (REVEALS, edge.test.index, target.index), order.text, 1


def _revealing(graph: KnowledgeGraph, key: str, finding: int) -> TestEdge | None:
    edges = (edge for edge in graph.tests_for(graph.at(finding)) if edge.test.id == f"TEST:{key}")
    return next(edges, None)


def _describe(graph: KnowledgeGraph, pair: _Pair, use: _Use) -> UsedEdge:
    relation, source, target = pair
    p, sources, references = None, [], []
    if relation == HAS_FINDING and (found := find_relation(graph, graph.at(target), graph.at(source))):
        p = found.p
        sources = [edge.source for edge in found.edges]
        references = [reference for edge in found.edges for reference in edge.reference.split(";")]
    elif relation == REVEALS:
        sources = [e.source for e in graph.findings_of(graph.at(source)) if e.finding.index == target]
    side = 1 if 1 in use.sides else -1 if -1 in use.sides else 0
    return UsedEdge(
        relation=relation,
        source=graph.at(source),
        target=graph.at(target),
        turns=tuple(use.turns),
        told=tuple(use.told),
        argues=SIDES[side],
        p=p,
        sources=tuple(dict.fromkeys(sources)),
        references=tuple(dict.fromkeys(filter(None, references))),
    )
