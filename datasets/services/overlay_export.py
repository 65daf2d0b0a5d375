"""What this site decided about the graph, for a maintainer of the package."""

from datasets.services.errors import MergeRefused
from medaction.knowledge import Kind, KnowledgeGraph
from medaction.knowledge.patching import render_patch
from medaction.knowledge.sources.overlay import render_overlay
from medaction.knowledge.sources.places import find_places
from review.selectors.edges import list_statements

NOT_COMPILED = "The knowledge graph is not compiled on this machine yet. Run `medaction kg build` first."


def export_overlay() -> str:
    """The overlay as compilers read it."""
    return render_overlay(list_statements())


def export_patch(graph: KnowledgeGraph | None) -> str:
    """A unified diff of the authored files, for ``git apply``. Raises :class:`MergeRefused` without a graph."""
    if graph is None:
        raise MergeRefused(NOT_COMPILED)

    def resolve(name: str) -> str | None:
        link = graph.concept(name, Kind.FINDING)
        return link.concept.id if link else None

    return render_patch(list_statements(), find_places().authored, resolve)
