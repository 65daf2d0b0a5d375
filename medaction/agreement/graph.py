"""Which points of a small graph reach each other."""

from collections.abc import Iterable

import numpy as np

from .ratings import Flags, Whole


def find_components(size: int, edges: Whole) -> list[list[int]]:
    """Sets that are joined, whichever way the edges (rows of two places) go."""
    return _group(_closure(size, edges, edges[:, ::-1]))


def find_strong_components(size: int, edges: Whole) -> list[list[int]]:
    """Sets within which each point reaches each other along the edges."""
    reached = _closure(size, edges)
    return _group(reached & reached.T)


def _closure(size: int, *edges: Whole) -> Flags:
    """Boolean, size × size: which point reaches which, itself included. By squaring: ⌈log₂ size⌉ products."""
    reached: Flags = np.eye(size, dtype=np.bool_)
    for some in edges:
        reached[some[:, 0], some[:, 1]] = True
    for _ in range(max(1, size - 1).bit_length()):
        reached = (reached.astype(np.float32) @ reached.astype(np.float32)) > 0
    return reached


def _group(same: Iterable[Flags]) -> list[list[int]]:
    groups = {tuple(np.flatnonzero(row).tolist()) for row in same}
    return sorted((list(group) for group in groups), key=lambda group: group[0])
