"""The knowledge graph of this site: that of the package, with what its reviewers decided over it."""

from collections.abc import Callable

from django.conf import settings

from diagnosis.selectors.overlay import overlay_path
from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.knowledge.cache import default_cache, graph_path
from medaction.knowledge.compiling.inputs import hash_inputs
from medaction.knowledge.sources.places import Places, find_places
from medaction.knowledge.store import StoreError


def graph_places() -> Places:
    return find_places(overlay=overlay_path())


def open_site_graph(on_build: Callable[[], None] | None = None) -> KnowledgeGraph:
    """Compiled first where it is not yet. For workers: a page does not wait for that. Raises ``KnowledgeError``."""
    return open_graph(settings.GRAPH_CACHE, places=graph_places(), on_build=on_build)


def find_site_graph() -> KnowledgeGraph | None:
    """None before it is compiled on this machine."""
    path = graph_path(settings.GRAPH_CACHE or default_cache(), hash_inputs(graph_places()))
    try:
        return KnowledgeGraph.load(path)
    except (FileNotFoundError, StoreError):
        return None
