"""How far apart two concepts are, and by which steps: shortest paths over every relation, taken in both directions."""

import numpy as np

from .store import Array


class Paths:
    """Breadth-first search from both ends over a compressed adjacency (symmetric, sorted rows)."""

    def __init__(self, starts: Array, neighbours: Array) -> None:
        self._starts = starts
        self._neighbours = neighbours
        self._seen = np.zeros((2, len(starts) - 1), np.int32)
        self._stamp = 0

    def distance(self, one: int, other: int) -> int | None:
        """Steps on the shortest path, 0 for the same concept, None when there is none.

        Each round grows the side whose edges are fewer; the answer is exact because a meeting is looked for among all
        new nodes of a round before the next one begins.
        """
        if one == other:
            return 0
        self._stamp += 1
        stamp = self._stamp
        fronts = [np.array([one], np.int32), np.array([other], np.int32)]
        self._seen[0, one] = self._seen[1, other] = stamp
        sizes = [self._degree(front) for front in fronts]
        depth = 0
        while sizes[0] and sizes[1]:
            side = 0 if sizes[0] <= sizes[1] else 1
            reached = self._step(fronts[side])
            depth += 1
            if (self._seen[1 - side, reached] == stamp).any():
                return depth
            own = self._seen[side]
            fresh = reached[own[reached] != stamp]
            own[fresh] = stamp
            fronts[side] = np.unique(fresh)
            sizes[side] = self._degree(fronts[side])
        return None

    def path(self, one: int, other: int) -> list[int] | None:
        """The concepts of one shortest path, ends included; the same one every time."""
        if one == other:
            return [one]
        before = {one: -1}
        front = [one]
        while front:
            following = []
            for number in front:
                for neighbour in self._neighbours[self._starts[number] : self._starts[number + 1]].tolist():
                    if neighbour not in before:
                        before[neighbour] = number
                        following.append(neighbour)
            if other in before:
                return self._unwind(before, other)
            front = following
        return None

    def _unwind(self, before: dict[int, int], end: int) -> list[int]:
        path = [end]
        while before[path[-1]] >= 0:
            path.append(before[path[-1]])
        return path[::-1]

    def _degree(self, front: Array) -> int:
        return int((self._starts[front + 1] - self._starts[front]).sum())

    def _step(self, front: Array) -> Array:
        """All neighbours of a front, repeats included."""
        low = self._starts[front]
        counts = self._starts[front + 1] - low
        total = int(counts.sum())
        offsets = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        reached: Array = self._neighbours[np.repeat(low, counts) + offsets]
        return reached
