"""The compiled graph on disk: found by the hash of its inputs, built when it is not there."""

import os
from collections.abc import Callable
from pathlib import Path

from .compiling.assemble import build_graph
from .compiling.inputs import hash_inputs
from .graph import KnowledgeGraph
from .sources.places import Places, find_places
from .store import StoreError


def default_cache() -> Path:
    """``~/.cache/medaction``."""
    return Path.home() / ".cache" / "medaction"


def open_graph(
    cache: Path | None = None, *, places: Places | None = None, on_build: Callable[[], None] | None = None
) -> KnowledgeGraph:
    """The graph of the current inputs, built first when it is not cached (about ten seconds; ``on_build`` is told).

    Raises :class:`medaction.knowledge.problems.KnowledgeError` when the inputs do not make a graph.
    """
    places = places or find_places()
    input_hash = hash_inputs(places)
    path = graph_path(cache or default_cache(), input_hash)
    try:
        return KnowledgeGraph.load(path)
    except (FileNotFoundError, StoreError):
        if on_build:
            on_build()
    build_graph(places, path, input_hash=input_hash)
    drop_old(path)
    return KnowledgeGraph.load(path)


def graph_path(cache: Path, input_hash: str) -> Path:
    return cache / f"graph-{input_hash[:16]}.kg"


def drop_old(path: Path, keep: int = 3) -> None:
    """Delete older compiled graphs beside this one, the newest ``keep`` apart. A running process keeps its map."""
    others = sorted(path.parent.glob("graph-*.kg"), key=os.path.getmtime, reverse=True)
    for other in others[keep:]:
        other.unlink(missing_ok=True)
