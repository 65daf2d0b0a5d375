"""A graph that knows less: a seeded share of what it states about diseases is taken out.

For a teacher whose trajectories are scored by the whole graph: with the same edges on both sides, the two would agree
by construction.
"""

from typing import Any

import numpy as np

from .compiling.edges import ASPECTS
from .graph import KnowledgeGraph
from .store import Array, pack_rows

_STATEMENTS = (ASPECTS.index("P"), ASPECTS.index("H"))


def drop_edges(graph: KnowledgeGraph, share: float, seed: int) -> KnowledgeGraph:
    """The graph without a ``share`` in 0 … 1 of its disease–finding edges, and the tests that diseases name for them.

    A (disease, finding) pair goes as a whole, whoever states it. Concepts, names, is-a and the findings of tests stay.
    Equal arguments give equal graphs. Raises ``ValueError`` for another share.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"the share of edges to drop must be between 0 and 1, not {share}")
    arrays = dict(graph.arrays)
    count = len(arrays["concept_kinds"])
    same = arrays["same"].astype(np.int64)
    pairs = same[arrays["edge_disease"]] * count + arrays["edge_finding"]
    statements = np.isin(arrays["edge_aspect"], _STATEMENTS)
    listed = np.unique(pairs[statements])
    drawn = np.random.Generator(np.random.PCG64(seed)).random(len(listed)) < share
    dropped = listed[drawn]
    _keep_edges(arrays, ~(statements & np.isin(pairs, dropped)), count)
    named = arrays["reveal_disease"] >= 0
    revealed = same[np.maximum(arrays["reveal_disease"], 0)] * count + arrays["reveal_finding"]
    _keep_reveals(arrays, ~(named & np.isin(revealed, dropped)), count)
    meta: dict[str, Any] = {**graph.meta, "hash": f"{graph.hash}-without-{share:g}-{seed}"}
    return KnowledgeGraph(meta, arrays)


def _keep_edges(arrays: dict[str, Array], kept: Array, count: int) -> None:
    for name in [name for name in arrays if name.startswith("edge_") and len(arrays[name]) == len(kept)]:
        arrays[name] = arrays[name][kept]
    arrays["edge_starts"], _ = pack_rows(count, arrays["edge_disease"], np.arange(kept.sum()))
    arrays["edge_finding_starts"], arrays["edges_by_finding"] = pack_rows(
        count, arrays["edge_finding"], np.arange(kept.sum())
    )


def _keep_reveals(arrays: dict[str, Array], kept: Array, count: int) -> None:
    for name in [name for name in arrays if name.startswith("reveal_") and len(arrays[name]) == len(kept)]:
        arrays[name] = arrays[name][kept]
    arrays["reveal_starts"], _ = pack_rows(count, arrays["reveal_finding"], np.arange(kept.sum()))
    arrays["reveal_test_starts"], arrays["reveals_by_test"] = pack_rows(
        count, arrays["reveal_test"], np.arange(kept.sum())
    )
