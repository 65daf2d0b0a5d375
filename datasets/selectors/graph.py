"""The knowledge graph as it is compiled on this machine."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.cache import default_cache, graph_path
from medaction.knowledge.compiling.inputs import hash_inputs
from medaction.knowledge.sources.places import find_places
from medaction.knowledge.store import StoreError

COUNTS = ("diseases", "authored_diseases", "findings", "tests", "edges", "names")


@dataclass(frozen=True, slots=True)
class GraphSheet:
    """What a page shows of the graph; ``sources`` have name, version, licence and url."""

    hash: str
    counts: dict[str, Any]
    sources: tuple[Any, ...]


def find_graph() -> KnowledgeGraph | None:
    """The compiled graph of this release, None before it is compiled: a page does not wait for that."""
    path = graph_path(settings.GRAPH_CACHE or default_cache(), hash_inputs(find_places()))
    try:
        return KnowledgeGraph.load(path)
    except (FileNotFoundError, StoreError):
        return None


def get_graph_sheet() -> GraphSheet | None:
    graph = find_graph()
    if graph is None:
        return None
    counts = graph.meta.get("counts", graph.meta)
    return GraphSheet(graph.hash, {name: counts[name] for name in COUNTS if name in counts}, graph.sources)
