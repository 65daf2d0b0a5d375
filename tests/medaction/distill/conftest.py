"""The kg policy over the real graph, made once."""

import pytest

from medaction.distill.policies.kg import KgPolicy
from medaction.knowledge import KnowledgeGraph, open_graph


@pytest.fixture(scope="package")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


@pytest.fixture(scope="package")
def policy(graph: KnowledgeGraph) -> KgPolicy:
    return KgPolicy(graph)
