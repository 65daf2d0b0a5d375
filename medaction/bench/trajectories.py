"""Trajectory scores in a benchmark's report."""

from collections.abc import Sequence
from typing import Any

from medaction.distill.episode import Episode
from medaction.domain.branch import Branch, BranchStep
from medaction.knowledge import KnowledgeGraph
from medaction.metrics import BranchScore, BranchScorer
from medaction.metrics.aggregate import VALUES, summarise_scores


def branch_of(episode: Episode) -> Branch:
    """The path that an episode took."""
    return Branch(episode.view.first, tuple(BranchStep(s.reply.turn, s.observation) for s in episode.view.steps))


def score_episodes(episodes: Sequence[Episode], graph: KnowledgeGraph) -> list[BranchScore]:
    scorer = BranchScorer(graph)
    return [scorer.score(branch_of(episode), episode.case) for episode in episodes]


def add_scores(
    episodes: Sequence[Episode], records: Sequence[dict[str, Any]], graph: KnowledgeGraph, *, seed: int = 0
) -> dict[str, Any]:
    """What the report gains; each record gets its own ``dtc``, ``rac``, ``grounding``, ``coverage`` and notes."""
    scores = score_episodes(episodes, graph)
    for record, score in zip(records, scores, strict=True):
        record.update({name: _rounded(getattr(score, name)) for name in VALUES}, notes=list(score.notes))
    summary = summarise_scores(scores, groups=[episode.case.id for episode in episodes], seed=seed)
    return {**{name: summary[name]["mean"] for name in VALUES}, "metrics": summary}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
