"""Diseases that share findings for a reason: numbered subtypes of one series, and diseases of one gene."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from ..store import Array
from .profiles import Profiles

_SERIES = (b"GROUP:", b"OMIM:", b"ORPHA:")


class Kin:
    """For each candidate the others of its series and gene, as rows: ``others[starts[i]:starts[i+1]]``."""

    def __init__(self, arrays: Mapping[str, Array], profiles: Profiles, gene_most: int) -> None:
        groups = [*_series(arrays, profiles.place), *_genes(arrays, profiles.place, gene_most)]
        kin: list[set[int]] = [set() for _ in range(profiles.size)]
        for group in groups:
            for one in group:
                kin[one] |= group
        for one, others in enumerate(kin):
            others.discard(one)
        self.starts = np.zeros(profiles.size + 1, np.int32)
        np.cumsum([len(others) for others in kin], out=self.starts[1:])
        self.others = np.array([other for others in kin for other in sorted(others)], np.int32)
        self._having = np.flatnonzero(np.diff(self.starts))
        self._counts = np.diff(self.starts)[self._having]

    def blend(self, values: Array, share: float) -> Array:
        """Each candidate's value moved by ``share`` towards the mean of its kin; unchanged without kin."""
        if not len(self._having) or not share:
            return values
        means = np.add.reduceat(values[self.others], self.starts[self._having]) / self._counts
        blended = values.copy()
        blended[self._having] = (1 - share) * values[self._having] + share * means
        return blended


def _series(arrays: Mapping[str, Array], place: Array) -> list[set[int]]:
    """A parent that HPO's names or a derived group give, with its children."""
    children = np.repeat(np.arange(len(place)), np.diff(arrays["parent_starts"]))
    parents = arrays["parents"]
    names = arrays["concept_ids"][parents]
    among = np.logical_or.reduce([np.char.startswith(names, prefix) for prefix in _SERIES]) & (place[children] >= 0)
    groups: dict[int, set[int]] = defaultdict(set)
    same = arrays["same"]
    for child, parent in zip(children[among].tolist(), parents[among].tolist(), strict=True):
        if same[child] != same[parent]:
            group = groups[int(same[parent])]
            group.add(int(place[child]))
            if place[parent] >= 0:
                group.add(int(place[parent]))
    return list(groups.values())


def _genes(arrays: Mapping[str, Array], place: Array, most: int) -> list[set[int]]:
    groups: dict[int, set[int]] = defaultdict(set)
    for disease, gene in arrays["disease_genes"].tolist():
        if place[disease] >= 0:
            groups[gene].add(int(place[disease]))
    return [group for group in groups.values() if 1 < len(group) <= most]
