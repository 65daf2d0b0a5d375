"""Every relation as one undirected network, laid out for shortest paths.

Two thirds of the concepts hang from the rest in trees (unused ICD-10-CM branches, leaves of HPO). A tree has one path
between two nodes, so only its root takes part in a search: ``shell_root`` and ``shell_depth`` give the way out, and the
``core`` rows hold what is left when all trees are cut.
"""

from collections import deque

import numpy as np

from ..store import Array, pack_rows
from .edges import ASPECTS


def build_network(arrays: dict[str, Array], count: int) -> dict[str, Array]:
    starts, neighbours = pack_rows(count, *list_links(arrays, count).T)
    parent, depth, root = _cut_trees(starts, neighbours, count)
    rows = np.repeat(np.arange(count, dtype=np.int32), np.diff(starts))
    inner = (parent[rows] < 0) & (parent[neighbours] < 0)
    core_starts, core = pack_rows(count, rows[inner], neighbours[inner])
    return {
        "core_starts": core_starts,
        "core": core,
        "shell_parent": parent,
        "shell_depth": depth,
        "shell_root": root,
        "component": _label_components(core_starts, core, root, count),
    }


def list_links(arrays: dict[str, Array], count: int) -> Array:
    """Both directions of: is-a, same, disease–finding (not excluded), test–finding, a disease's test results."""
    stated = ~arrays["edge_absent"] & (arrays["edge_aspect"] <= ASPECTS.index("H"))
    numbers = np.arange(count, dtype=np.int32)
    children = np.repeat(numbers, np.diff(arrays["parent_starts"]))
    known = arrays["reveal_disease"] >= 0
    ends = (
        (children, arrays["parents"]),
        (numbers, arrays["same"]),
        (arrays["edge_disease"][stated], arrays["edge_finding"][stated]),
        (arrays["reveal_test"], arrays["reveal_finding"]),
        (arrays["reveal_disease"][known], arrays["reveal_finding"][known]),
    )
    pairs = np.concatenate([np.stack(pair, 1) for pair in ends])
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    links: Array = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    return links


def _cut_trees(starts: Array, neighbours: Array, count: int) -> tuple[Array, Array, Array]:
    """(parent, depth, root): parent −1 and depth 0 in the core; leaves are cut until none is left."""
    degree = np.diff(starts).tolist()
    rows = [neighbours[starts[n] : starts[n + 1]].tolist() for n in range(count)]
    parent = np.full(count, -1, np.int32)
    cut = bytearray(count)
    order: list[int] = []
    leaves = deque(number for number in range(count) if degree[number] == 1)
    while leaves:
        number = leaves.popleft()
        above = next((other for other in rows[number] if not cut[other]), None)
        if above is None:
            continue
        cut[number] = 1
        parent[number] = above
        order.append(number)
        degree[above] -= 1
        if degree[above] == 1:
            leaves.append(above)
    depth = np.zeros(count, np.int16)
    root = np.arange(count, dtype=np.int32)
    for number in reversed(order):
        depth[number] = depth[parent[number]] + 1
        root[number] = root[parent[number]]
    return parent, depth, root


def _label_components(starts: Array, neighbours: Array, root: Array, count: int) -> Array:
    """The smallest core node that each concept can reach."""
    label = np.full(count, -1, np.int32)
    for number in range(count):
        if root[number] != number or label[number] >= 0:
            continue
        label[number] = number
        waiting = [number]
        while waiting:
            node = waiting.pop()
            for other in neighbours[starts[node] : starts[node + 1]].tolist():
                if label[other] < 0:
                    label[other] = number
                    waiting.append(other)
    labels: Array = label[root]
    return labels
