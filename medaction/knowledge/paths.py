"""How far apart two concepts are, and by which steps: shortest paths over every relation, taken in both directions."""

from collections.abc import Mapping

import numpy as np

from .store import Array


class Paths:
    """Up the trees that hang from the core, and a breadth-first search from both ends inside it."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._starts = arrays["core_starts"]
        self._neighbours = arrays["core"]
        self._parent = arrays["shell_parent"]
        self._depth = arrays["shell_depth"]
        self._root = arrays["shell_root"]
        self._component = arrays["component"]
        self._seen = np.zeros((2, len(self._root)), np.int32)
        self._stamp = 0

    def distance(self, one: int, other: int) -> int | None:
        """Steps on the shortest path, 0 for the same concept, None when there is none."""
        if self._component[one] != self._component[other]:
            return None
        if self._root[one] == self._root[other]:
            return len(self._through_tree(one, other)) - 1
        outside = int(self._depth[one]) + int(self._depth[other])
        return outside + self._core_distance(int(self._root[one]), int(self._root[other]))

    def path(self, one: int, other: int) -> list[int] | None:
        """The concepts of one shortest path, ends included; the same one every time. None when there is none."""
        if self._component[one] != self._component[other]:
            return None
        if self._root[one] == self._root[other]:
            return self._through_tree(one, other)
        up, down = self._climb(one), self._climb(other)
        return [*up[:-1], *self._core_path(up[-1], down[-1]), *reversed(down[:-1])]

    def _climb(self, number: int) -> list[int]:
        """From a concept to the root of its tree."""
        way = [number]
        while self._parent[way[-1]] >= 0:
            way.append(int(self._parent[way[-1]]))
        return way

    def _through_tree(self, one: int, other: int) -> list[int]:
        up, down = self._climb(one), self._climb(other)
        while len(up) > 1 and len(down) > 1 and up[-2] == down[-2]:
            up.pop()
            down.pop()
        return [*up, *reversed(down[:-1])]

    def _core_distance(self, one: int, other: int) -> int:
        """Each round grows the side with fewer edges. Exact: a meeting is looked for among all nodes of a round."""
        self._stamp += 1
        stamp = self._stamp
        fronts = [np.array([one], np.int32), np.array([other], np.int32)]
        self._seen[0, one] = self._seen[1, other] = stamp
        reaches = [self._reach(front) for front in fronts]
        steps = 0
        while True:
            side = 0 if len(reaches[0]) <= len(reaches[1]) else 1
            reached = reaches[side]
            steps += 1
            if (self._seen[1 - side][reached] == stamp).any():
                return steps
            own = self._seen[side]
            fresh = reached[own[reached] != stamp]
            own[fresh] = stamp
            fronts[side] = np.unique(fresh)
            reaches[side] = self._reach(fronts[side])

    def _reach(self, front: Array) -> Array:
        """All neighbours of a front, repeats included."""
        if len(front) <= 4:
            return np.concatenate([self._neighbours[self._starts[n] : self._starts[n + 1]] for n in front.tolist()])
        low = self._starts[front]
        counts = self._starts[front + 1] - low
        ends = np.cumsum(counts)
        reached: Array = self._neighbours[np.arange(ends[-1]) + np.repeat(low - ends + counts, counts)]
        return reached

    def _core_path(self, one: int, other: int) -> list[int]:
        before = {one: -1}
        front = [one]
        while other not in before:
            following = []
            for number in front:
                for neighbour in self._neighbours[self._starts[number] : self._starts[number + 1]].tolist():
                    if neighbour not in before:
                        before[neighbour] = number
                        following.append(neighbour)
            front = following
        path = [other]
        while before[path[-1]] >= 0:
            path.append(before[path[-1]])
        return path[::-1]
