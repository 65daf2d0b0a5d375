"""A case into a tree: level by level, several replies at each point, siblings that do the same merged."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from medaction.domain.actions import TestOrder, Turn
from medaction.domain.case import Case
from medaction.domain.environment import Environment
from medaction.domain.naming import catalogue_key
from medaction.domain.tree import Node, NodeKind, TrajectoryTree
from medaction.domain.vocabulary import normalise
from medaction.inference.errors import ModelError

from .policies.policy import Reply, SamplingPolicy, Step, View
from .record import Leaf, LeafEnd, Rejection, TreeRecord
from .shape import GrowthConfig, derive_seed, tree_seed

WAITS = (1.0, 5.0, 20.0)
"""Seconds before a request is made again after a fault that may pass."""
NODES_OF_A_TURN = 2
CHARACTERS_OF_A_TOKEN = 4
"""Where a server, or a policy without one, does not count tokens."""


async def grow_case(
    case: Case, policy: SamplingPolicy, config: GrowthConfig | None = None, seed: int = 0
) -> TreeRecord:
    """The tree of a case. Equal arguments give equal trees when the policy is deterministic.

    ``seed`` is the run's; see :mod:`.shape`. Raises what the policy raises, ``ModelError`` when it is over a network.
    """
    return await _Grower(case, policy, config or GrowthConfig(), tree_seed(seed, case)).grow()


@dataclass(frozen=True, slots=True)
class _Point:
    """Where a branch can go on: its last observation, and what a policy sees there."""

    node: Node
    environment: Environment
    view: View
    path: tuple[int, ...]


class _Grower:
    def __init__(self, case: Case, policy: SamplingPolicy, config: GrowthConfig, seed: int) -> None:
        self._case, self._policy, self._config, self._seed = case, policy, config, seed
        self._tree = TrajectoryTree()
        self._leaves: list[Leaf] = []
        self._rejected: list[Rejection] = []
        self._usage: Counter[str] = Counter(turns=0, format_failures=0, merged=0, prompt_tokens=0, completion_tokens=0)

    async def grow(self) -> TreeRecord:
        points = [self._root()]
        while points:
            widths = self._plan(points)
            asked = [(point, width) for point, width in zip(points, widths, strict=True) if width]
            self._leaves += [Leaf(p.node.seq, LeafEnd.BUDGET) for p, w in zip(points, widths, strict=True) if not w]
            answers = await asyncio.gather(*(self._ask(point, width) for point, width in asked))
            points = [
                following
                for (point, _), replies in zip(asked, answers, strict=True)
                for following in self._carry_on(point, replies)
            ]
        return TreeRecord(
            case=self._case.id,
            case_hash=self._case.content_hash,
            group=self._case.group_key,
            policy=self._policy.name,
            seed=self._seed,
            nodes=tuple(self._tree),
            leaves=tuple(sorted(self._leaves, key=lambda leaf: leaf.seq)),
            rejected=tuple(self._rejected),
            usage=dict(self._usage),
        )

    def _root(self) -> _Point:
        environment = Environment(self._case, self._config.environment)
        first = environment.reset()
        node = self._tree.append(None, NodeKind.OBSERVATION, first.to_dict())
        without = () if self._config.shape.own_paper else self._case.references
        view = View(first, (), environment.must_diagnose, environment.menu_names, without)
        return _Point(node, environment, view, ())

    def _plan(self, points: Sequence[_Point]) -> list[int]:
        """How many replies each point gets; 0 where a budget is used up. Which points fork last is drawn by seed."""
        shape = self._config.shape
        ended = sum(leaf.end is not LeafEnd.MERGED for leaf in self._leaves)
        room = max(shape.leaves - ended - len(points), 0)
        nodes = shape.nodes - len(self._tree)
        if shape.tokens is not None and self._usage["completion_tokens"] >= shape.tokens:
            nodes = 0
        widths = [0] * len(points)
        for place in sorted(range(len(points)), key=lambda place: derive_seed(self._seed, *points[place].path, "fork")):
            wanted = shape.below if points[place].path else shape.root
            widths[place] = min(wanted, 1 + room, nodes // NODES_OF_A_TURN)
            room -= max(widths[place] - 1, 0)
            nodes -= widths[place] * NODES_OF_A_TURN
        return widths

    async def _ask(self, point: _Point, count: int) -> list[Reply]:
        seed, temperature = derive_seed(self._seed, *point.path), self._config.shape.temperature
        for wait in WAITS:
            try:
                return await self._policy.propose(point.view, count, seed, temperature)
            except ModelError as error:
                if not error.retryable:
                    raise
            await asyncio.sleep(wait)
        return await self._policy.propose(point.view, count, seed, temperature)

    def _carry_on(self, point: _Point, replies: Sequence[Reply]) -> list[_Point]:
        following: list[_Point] = []
        first_of: dict[tuple[Any, ...], int] = {}
        for place, reply in enumerate(replies):
            node = self._add_turn(point, reply, (*point.path, place))
            same = first_of.setdefault(_intent(reply.turn, reply.text), node.seq)
            if same != node.seq:
                self._usage["merged"] += 1
                self._leaves.append(Leaf(node.seq, LeafEnd.MERGED))
                self._rejected.append(Rejection(node.seq, f"the same tests and leading diagnosis as node {same}"))
                continue
            environment = point.environment.fork()
            result = environment.step(reply.turn.action if reply.turn.valid else None)
            if result.terminated:
                self._leaves.append(Leaf(node.seq, LeafEnd.TERMINATED))
                continue
            observed = self._tree.append(node, NodeKind.OBSERVATION, result.observation.to_dict())
            if result.truncated:
                self._leaves.append(Leaf(observed.seq, LeafEnd.TRUNCATED))
                continue
            steps = (*point.view.steps, Step(reply, result.observation))
            view = replace(point.view, steps=steps, must_diagnose=environment.must_diagnose)
            following.append(_Point(observed, environment, view, (*point.path, place)))
        return following

    def _add_turn(self, point: _Point, reply: Reply, path: tuple[int, ...]) -> Node:
        failed = not reply.turn.valid
        usage = reply.usage
        self._usage["turns"] += 1
        self._usage["format_failures"] += failed
        self._usage["prompt_tokens"] += usage.prompt_tokens if usage else 0
        estimate = len(reply.text) // CHARACTERS_OF_A_TOKEN
        self._usage["completion_tokens"] += (usage.completion_tokens if usage else 0) or estimate
        content = {
            "number": len(path) + 1,
            "text": reply.text,
            "turn": reply.turn.to_dict(),
            "problems": list(reply.turn.problems),
            "format_failure": failed,
            "repaired": reply.rejected is not None,
            "rejected_text": reply.rejected,
            "model": self._policy.name,
            "model_label": self._policy.label,
            "path": list(path),
        }
        return self._tree.append(point.node, NodeKind.TURN, content, sampled=True)


def _intent(turn: Turn, text: str) -> tuple[Any, ...]:
    """Siblings with equal intents would be answered alike: the same tests, or the same end, and the same first idea."""
    if turn.action is None or not turn.valid:
        return ("unread", text)
    top = normalise(turn.differential[0].dx) if turn.differential else ""
    if isinstance(turn.action, TestOrder):
        return ("order", frozenset(catalogue_key(test) or normalise(test) for test in turn.action.tests), top)
    return ("diagnose", normalise(turn.action.dx), top)
