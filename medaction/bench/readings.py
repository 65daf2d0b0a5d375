"""The same case read again with evidence told at once: its own evidence, all evidence, and all in other orders."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from medaction.distill.episode import Episode, list_results, run_static
from medaction.distill.policies import Policy
from medaction.distill.shape import derive_seed
from medaction.domain.case import Case
from medaction.domain.observation import Outcome, TestResult
from medaction.knowledge import KnowledgeGraph
from medaction.metrics.differential import DifferentialReader

from .answer import describe_answer
from .ordering import total_variation
from .settings import BenchSettings

ALL, OWN = "all", "own"


async def read_again(
    episode: Episode, policy: Policy, graph: KnowledgeGraph, settings: BenchSettings, without: tuple[str, ...]
) -> dict[str, Any]:
    """``readings``: the answers to ``own`` evidence and to ``all`` of it, as the settings want them. ``ordering``: how
    the answer to all evidence changes with its order; None with fewer than two results, which have no other order."""
    case = episode.case
    answers: dict[str, Any] = {}
    if settings.regret:
        own = await run_static(case, policy, results=list_own(episode), without=without)
        answers[OWN] = describe_answer(own, graph)
    if not (settings.regret or settings.permutations):
        return {"readings": answers, "ordering": None}
    base = episode if settings.static else await run_static(case, policy, without=without)
    answers[ALL] = describe_answer(base, graph)
    orders = draw_orders(case, settings)
    others = [await run_static(case, policy, results=order, without=without) for order in orders]
    return {"readings": answers, "ordering": _compare_orders(base, others, graph) if others else None}


def list_own(episode: Episode) -> list[TestResult]:
    """What a run found, each text once, in the order in which it came. Refusals are no evidence and are left out."""
    found: dict[tuple[str | None, str], TestResult] = {}
    for observation in episode.view.observations:
        for result in observation.results:
            if result.outcome is Outcome.RESULT:
                found.setdefault((result.key, result.text), result)
    return list(found.values())


def draw_orders(case: Case, settings: BenchSettings) -> list[list[TestResult]]:
    """Seeded orders of all results, none the case's own; the same whatever other cases the run has."""
    results = list_results(case)
    if len(results) < 2:
        return []
    orders = []
    for number in range(settings.permutations):
        generator = np.random.default_rng(derive_seed(settings.seed, case.content_hash, "order", number))
        places = generator.permutation(len(results)).tolist()
        while places == sorted(places):
            places = generator.permutation(len(results)).tolist()
        orders.append([results[place] for place in places])
    return orders


def _compare_orders(base: Episode, others: Sequence[Episode], graph: KnowledgeGraph) -> dict[str, Any]:
    """``changed``: for each order whether another concept was diagnosed; ``right``: whether it was the truth;
    ``total_variation``: how far the differential moved, None where it has no probabilities."""
    reader = DifferentialReader(graph)

    def read(episode: Episode) -> tuple[int | str | None, dict[int | str, float | None]]:
        held = reader.read(episode.view.steps[-1].reply.turn)
        leader = None if episode.diagnosis is None else reader.link(episode.diagnosis)[0]
        return leader, {one.key: one.p for one in held}

    leader, differential = read(base)
    read_others = [read(episode) for episode in others]
    distances = [total_variation(differential, other) for _, other in read_others]
    return {
        "changed": [other != leader for other, _ in read_others],
        "right": [describe_answer(episode, graph)["rank"] == 1 for episode in others],
        "total_variation": [None if d is None else round(d, 4) for d in distances],
    }
