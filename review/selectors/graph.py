"""The knowledge graph of this site: that of the package, with what its reviewers decided over it."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from diagnosis.selectors.overlay import overlay_path
from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.knowledge.cache import default_cache, graph_path
from medaction.knowledge.compiling.inputs import hash_inputs
from medaction.knowledge.sources.places import Places, find_places
from medaction.knowledge.store import StoreError


def graph_places() -> Places:
    return find_places(overlay=overlay_path())


def graph_folders() -> list[Path]:
    """Where the compiled graph is looked for; the last is where it is compiled. With an overlay that is beside it,
    among the shared files: a machine that does not compile finds it there."""
    cache = settings.GRAPH_CACHE or default_cache()
    return [cache, overlay_path().parent] if overlay_path().is_file() else [cache]


def open_site_graph(on_build: Callable[[], None] | None = None) -> KnowledgeGraph:
    """Compiled first where it is not yet. For workers: a page does not wait for that. Raises ``KnowledgeError``."""
    return find_site_graph() or open_graph(graph_folders()[-1], places=graph_places(), on_build=on_build)


def find_site_graph() -> KnowledgeGraph | None:
    """None before it is compiled."""
    wanted = hash_inputs(graph_places())
    for folder in graph_folders():
        try:
            return KnowledgeGraph.load(graph_path(folder, wanted))
        except (FileNotFoundError, StoreError):
            continue
    return None
