"""Scores of episodes that were not run as a benchmark."""

from collections.abc import Sequence

from medaction.distill.episode import Episode
from medaction.domain.branch import Branch, BranchStep
from medaction.knowledge import KnowledgeGraph
from medaction.metrics import BranchScore, BranchScorer


def branch_of(episode: Episode) -> Branch:
    """The path that an episode took."""
    return Branch(episode.view.first, tuple(BranchStep(s.reply.turn, s.observation) for s in episode.view.steps))


def score_episodes(episodes: Sequence[Episode], graph: KnowledgeGraph) -> list[BranchScore]:
    scorer = BranchScorer(graph)
    return [scorer.score(branch_of(episode), episode.case) for episode in episodes]
