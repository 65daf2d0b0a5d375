"""One extractor over the real graph."""

import pytest

from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.knowledge.extraction import Extractor


@pytest.fixture(scope="package")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


@pytest.fixture(scope="package")
def extractor(graph: KnowledgeGraph) -> Extractor:
    return Extractor(graph)
