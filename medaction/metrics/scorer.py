"""Scores of branches and of whole trees."""

from collections.abc import Sequence
from functools import lru_cache

from medaction.domain.branch import Branch, read_observation, read_turn
from medaction.domain.case import Case
from medaction.domain.tree import Node, NodeKind, TrajectoryTree, TreeError
from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.extraction import ExtractionPort, Extractor

from .casebook import CaseView, view_case
from .facts import FactReader
from .judge import Verdict, judge
from .links import Links
from .orders import OrderJudge
from .scores import BranchScore
from .settings import MetricSettings
from .summing import sum_up
from .tracing import UsedEdge, trace_edges
from .walk import State, Walker
from .weighing import Scales


class BranchScorer:
    """Making one takes about half a second; scoring, about a millisecond. Deterministic; holds caches, no results."""

    def __init__(
        self, graph: KnowledgeGraph, extractor: ExtractionPort | None = None, settings: MetricSettings | None = None
    ) -> None:
        self.graph = graph
        self.settings = settings or MetricSettings()
        links = Links(graph)
        self._facts = FactReader(graph, extractor or Extractor(graph))
        self._scales = Scales(graph, links)
        self._orders = OrderJudge(graph, links, self._facts)
        self._walker = Walker(graph, self._facts, self._scales, self._orders, self.settings)
        self._view = lru_cache(maxsize=64)(self._view_case)
        self._verdict = lru_cache(maxsize=50_000)(judge)

    def _view_case(self, case: Case) -> CaseView:
        return view_case(case, self._facts, self._scales, self.settings)

    def key_items(self, case: Case) -> frozenset[str] | None:
        """Keys of the menu items whose result argues for the truth; None when the graph does not know the truth."""
        return self._view(case).key_items

    def score(self, branch: Branch, case: Case) -> BranchScore:
        view = self._view(case)
        state = self._walker.start(branch.first, view)
        for step in branch.steps:
            state = self._walker.step(state, step.turn, step.observation, view)
        return self._finish(state, None, case, view)

    def trace(self, branch: Branch, case: Case) -> tuple[UsedEdge, ...]:
        """The edges of the graph that the score of this branch rests on, by their place in it. Truth is not read."""
        return trace_edges(self._walker, self._scales, self._orders, branch, self._view(case))

    def score_tree(self, tree: TrajectoryTree, case: Case) -> list[BranchScore]:
        """The branches to all leaves, in the order of the leaves; each node is looked at once. Raises TreeError."""
        return self.score_leaves(tree, [leaf.seq for leaf in tree.leaves()], case)

    def score_leaves(self, tree: TrajectoryTree, leaves: Sequence[int], case: Case) -> list[BranchScore]:
        """As :meth:`score_tree`, for these leaves alone."""
        view = self._view(case)
        states: dict[int, State] = {}
        return [self._score_leaf(tree.branch(leaf), states, case, view) for leaf in leaves]

    def _score_leaf(self, path: Sequence[Node], states: dict[int, State], case: Case, view: CaseView) -> BranchScore:
        for place, node in enumerate(path):
            if node.kind is not (NodeKind.TURN if place % 2 else NodeKind.OBSERVATION):
                raise TreeError(node.seq, "breaks the order of observations and turns")
        ends = [*range(0, len(path), 2), *([len(path) - 1] if len(path) % 2 == 0 else [])]
        done = next((end for end in reversed(ends) if path[end].seq in states), None)
        if done is None:
            states[path[0].seq] = self._walker.start(read_observation(path[0]), view)
            done = 0
        for end in ends[ends.index(done) + 1 :]:
            answered = path[end].kind is NodeKind.OBSERVATION
            turn = read_turn(path[end - 1] if answered else path[end])
            observation = read_observation(path[end]) if answered else None
            before = states[path[end - 2 if answered else end - 1].seq]
            states[path[end].seq] = self._walker.step(before, turn, observation, view)
        return self._finish(states[path[-1].seq], path[-1].seq, case, view)

    def _finish(self, state: State, leaf: int | None, case: Case, view: CaseView) -> BranchScore:
        def is_right(name: str) -> bool:
            return self._verdict(self.graph, case.diagnosis, name) is Verdict.SAME

        return sum_up(state, leaf, view, is_right, self.graph.hash, self.settings)
