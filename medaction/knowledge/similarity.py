"""How alike two diseases, or two findings, are: Lin on is-a, and best-match average over finding profiles."""

from functools import lru_cache

import numpy as np

from .store import Array, Rows

PROFILE_CEILING = 0.95
"""Two diseases with equal profiles are still two diseases; 1.0 is kept for the same one."""


class Similarity:
    """Reads ``information`` (information content), ancestors and profiles of a compiled graph."""

    def __init__(self, arrays: dict[str, Array]) -> None:
        self._information = arrays["information"]
        self._ancestors = Rows(arrays["ancestor_starts"], arrays["ancestors"])
        self._same = arrays["same"]
        self._kinds = arrays["concept_kinds"]
        self._edge_starts = arrays["edge_starts"]
        self._edge_finding = arrays["edge_finding"]
        usual = np.nan_to_num(arrays["edge_p"], nan=0.5) >= 0.1
        self._edge_usual = ~arrays["edge_absent"] & (arrays["edge_aspect"] == 0) & usual
        order = np.argsort(self._same, kind="stable").astype(np.int32)
        self._members = order
        self._member_starts = np.searchsorted(self._same[order], np.arange(len(self._same) + 1)).astype(np.int32)
        self.of = lru_cache(maxsize=200_000)(self._of)
        self._profile = lru_cache(maxsize=2_000)(self._build_profile)

    def _of(self, one: int, other: int) -> float:
        """In [0, 1]: 1 for the same concept or an equivalent; else the larger of :meth:`lin` and :meth:`profile`."""
        if self._same[one] == self._same[other]:
            return 1.0
        if self._kinds[one] != self._kinds[other]:
            return 0.0
        if one > other:
            return self.of(other, one)
        lin = max(self.lin(a, b) for a in self.equivalents(one) for b in self.equivalents(other))
        return max(lin, self.profile(one, other)) if self._kinds[one] == 0 else lin

    def equivalents(self, number: int) -> list[int]:
        """The concept and everything equivalent to it."""
        root = int(self._same[number])
        members: list[int] = self._members[self._member_starts[root] : self._member_starts[root + 1]].tolist()
        return members

    def lin(self, one: int, other: int) -> float:
        """Lin 1998: 2·IC(most informative common ancestor) / (IC(one) + IC(other))."""
        common = np.intersect1d(self._ancestors[one], self._ancestors[other], assume_unique=True)
        total = float(self._information[one] + self._information[other])
        if not len(common) or total <= 0:
            return 0.0
        return min(1.0, 2 * float(self._information[common].max()) / total)

    def profile(self, one: int, other: int) -> float:
        """Best-match average: each usual finding's best Lin match on the other side, averaged over both sides.

        Usual: stated with P ≥ 0.1, or without a figure. 0 when either has no finding. At most ``PROFILE_CEILING``.
        """
        left, right = self._profile(int(self._same[one])), self._profile(int(self._same[other]))
        if left is None or right is None:
            return 0.0
        matrix = _lin_matrix(left, right, self._information)
        mean = (matrix.max(1).mean() + matrix.max(0).mean()) / 2
        return float(min(mean, PROFILE_CEILING))

    def _build_profile(self, root: int) -> "tuple[Array, Array, Array] | None":
        """(findings, all their ancestors, incidence matrix) of a disease and its equivalents; None without findings."""
        slices = [slice(self._edge_starts[n], self._edge_starts[n + 1]) for n in self.equivalents(root)]
        findings = np.unique(np.concatenate([self._edge_finding[s][self._edge_usual[s]] for s in slices]))
        if not len(findings):
            return None
        rows = [self._ancestors[int(number)] for number in findings]
        columns = np.unique(np.concatenate(rows))
        incidence = np.zeros((len(findings), len(columns)), np.bool_)
        for position, row in enumerate(rows):
            incidence[position, np.searchsorted(columns, row)] = True
        return findings, columns, incidence


def _lin_matrix(left: tuple[Array, Array, Array], right: tuple[Array, Array, Array], information: Array) -> Array:
    shared, at_left, at_right = np.intersect1d(left[1], right[1], assume_unique=True, return_indices=True)
    weights = information[shared]
    order = np.argsort(-weights)
    ranked_left = left[2][:, at_left[order]]
    ranked_right = right[2][:, at_right[order]]
    best = np.zeros((len(left[0]), len(right[0])), np.float32)
    # The most informative common ancestor of a pair is the first shared column in falling order of information.
    for row, mask in enumerate(ranked_left):
        columns = np.flatnonzero(mask)
        if len(columns):
            hits = ranked_right[:, columns]
            first = hits.argmax(1)
            found = hits[np.arange(len(hits)), first]
            best[row] = np.where(found, weights[order[columns[first]]], 0)
    totals = information[left[0]][:, None] + information[right[0]][None, :]
    ratios: Array = np.where(totals > 0, 2 * best / np.maximum(totals, 1e-9), 0)
    return np.minimum(ratios, 1)
