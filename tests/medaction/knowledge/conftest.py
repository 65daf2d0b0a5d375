"""The miniature inputs, the graph they make, and the real graph (built once, then cached between runs)."""

from pathlib import Path

import pytest

from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.knowledge.compiling.assemble import build_graph
from tests.medaction.knowledge.small import Small, write_small


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return write_small(tmp_path / "inputs")


@pytest.fixture(scope="session")
def small_graph(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    folder = tmp_path_factory.mktemp("small")
    build_graph(write_small(folder / "inputs").places, folder / "graph.kg")
    return KnowledgeGraph.load(folder / "graph.kg")


@pytest.fixture(scope="session")
def graph_cache(request: pytest.FixtureRequest) -> Path:
    """Kept between runs, because a build takes ten seconds."""
    return Path(request.config.cache.mkdir("knowledge"))


@pytest.fixture(scope="session")
def real_graph(graph_cache: Path) -> KnowledgeGraph:
    return open_graph(graph_cache)
