"""The knowledge graph as it is compiled on this machine."""

from dataclasses import dataclass
from typing import Any

from review.selectors.graph import find_site_graph

COUNTS = ("diseases", "authored_diseases", "findings", "tests", "edges", "names")


@dataclass(frozen=True, slots=True)
class GraphSheet:
    """What a page shows of the graph; ``sources`` have name, version, licence and url."""

    hash: str
    counts: dict[str, Any]
    sources: tuple[Any, ...]


def get_graph_sheet() -> GraphSheet | None:
    graph = find_site_graph()
    if graph is None:
        return None
    counts = graph.meta.get("counts", graph.meta)
    return GraphSheet(graph.hash, {name: counts[name] for name in COUNTS if name in counts}, graph.sources)
