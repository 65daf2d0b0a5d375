"""The real graph and one scorer over it."""

import pytest

from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.metrics import BranchScorer


@pytest.fixture(scope="session")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


@pytest.fixture(scope="session")
def scorer(graph: KnowledgeGraph) -> BranchScorer:
    return BranchScorer(graph)
