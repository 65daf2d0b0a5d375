"""The graphs of the knowledge tests: the miniature one, and the real one for the cases that come with the package."""

from tests.medaction.knowledge.conftest import graph_cache, real_graph, small_graph

__all__ = ["graph_cache", "real_graph", "small_graph"]
