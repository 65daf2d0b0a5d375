"""What every annotated disease shows: its annotations pooled into one P each, and carried up to broader findings."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from ..store import Array, Rows
from .settings import RankingSettings

_PHENOTYPE_AND_HISTORY = 1


@dataclass(frozen=True, slots=True)
class Rows3:
    """Parallel arrays: disease (its place among the candidates), finding (concept number), P(finding | disease)."""

    disease: Array
    finding: Array
    p: Array


class Profiles:
    """Candidates are annotated diseases, equivalents taken together (places 0 … ``size`` − 1, by smallest number).

    ``place``: concept number to place, −1 for others. ``coded``: whether HPO's own release annotates the candidate.
    ``rows``: pooled annotations, by disease. ``carried``: for each finding, the diseases that have it or a narrower
    one, with the largest such P (the true-path rule); ``share``: the mean of that P over all candidates, and
    ``stated``: the share of candidates with any such annotation, an excluding one included.
    """

    def __init__(self, arrays: Mapping[str, Array], settings: RankingSettings) -> None:
        self.arrays = arrays
        self._settings = settings
        self.ancestors = Rows(arrays["ancestor_starts"], arrays["ancestors"])
        same = arrays["same"]
        self._edges = np.flatnonzero(arrays["edge_aspect"] <= _PHENOTYPE_AND_HISTORY)
        roots = same[arrays["edge_disease"][self._edges]]
        kept = np.unique(roots)
        self.size = len(kept)
        self._place_of_root = np.full(len(same), -1, np.int32)
        self._place_of_root[kept] = np.arange(self.size)
        self.place = self._place_of_root[same]
        self._places = self._place_of_root[roots]
        self.heads = self._heads(np.ones(len(self._edges), np.bool_))
        from_hpo = arrays["edge_source"][self._edges] > 0
        self.coded = np.zeros(self.size, np.bool_)
        self.coded[self._places[from_hpo]] = True
        self.coded_heads = self._heads(from_hpo)
        self.rows = self._pool(np.arange(len(self._edges)))
        self.carried_starts, self.carried_disease, self.carried_p = self._carry(self.rows)
        count = np.maximum(self.size, 1)
        sums = np.concatenate([[0.0], np.cumsum(self.carried_p, dtype=np.float64)])
        self.share = np.diff(sums[self.carried_starts]) / count + 1e-5
        self.stated = np.diff(self.carried_starts) / count + 1e-5

    def _heads(self, which: Array) -> Array:
        """For each candidate, its smallest concept with such an edge; −1 for none."""
        heads = np.full(self.size, np.iinfo(np.int32).max, np.int32)
        np.minimum.at(heads, self._places[which], self.arrays["edge_disease"][self._edges[which]])
        found: Array = np.where(heads == np.iinfo(np.int32).max, -1, heads)
        return found

    def without(self, references: Collection[int]) -> tuple[Array, Rows3]:
        """The candidates that any of these references annotates, and what is left of their annotations.

        ``rows.disease`` counts within the returned candidates.
        """
        cited = np.isin(self.arrays["edge_reference"][self._edges], list(references))
        affected = np.unique(self._places[cited])
        left = self._pool(np.flatnonzero(np.isin(self._places, affected) & ~cited))
        return affected, Rows3(np.searchsorted(affected, left.disease), left.finding, left.p)

    def _pool(self, chosen: Array) -> Rows3:
        settings, column = self._settings, self.arrays
        edges = self._edges[chosen]
        width = len(column["same"])
        keys, group = np.unique(
            self._places[chosen].astype(np.int64) * width + column["edge_finding"][edges], return_inverse=True
        )
        p = column["edge_p"][edges].astype(np.float64)
        n = np.minimum(column["edge_n"][edges].astype(np.float64), settings.most_patients)
        bare = np.isnan(p)
        n = np.where(n > 0, n, np.where(bare, settings.bare_patients, settings.class_patients))
        seen = n * np.where(bare, settings.bare_p, p)
        total = np.bincount(group, n, len(keys)) + settings.prior_patients
        pooled = (np.bincount(group, seen, len(keys)) + settings.prior_patients * settings.prior_p) / total
        return Rows3((keys // width).astype(np.int32), (keys % width).astype(np.int32), pooled.astype(np.float32))

    def _carry(self, rows: Rows3) -> tuple[Array, Array, Array]:
        """(starts, disease, P) by finding, ancestors included."""
        starts = self.ancestors.starts
        sizes = (starts[rows.finding + 1] - starts[rows.finding]).astype(np.int64)
        row = np.repeat(np.arange(len(rows.p), dtype=np.int32), sizes)
        offset = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        above = self.ancestors.values[starts[rows.finding][row] + offset]
        keys = above.astype(np.int64) * self.size + rows.disease[row]
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        firsts = np.flatnonzero(np.diff(keys, prepend=-1))
        largest = np.maximum.reduceat(rows.p[row][order], firsts) if len(firsts) else rows.p[:0]
        keys = keys[firsts]
        bounds = np.searchsorted(keys, np.arange(len(starts), dtype=np.int64) * max(self.size, 1))
        return bounds, (keys % max(self.size, 1)).astype(np.int32), largest

    def probability(self, finding: int) -> Array:
        """P(finding or a narrower one | disease) for every candidate; 0 where nothing is stated."""
        p = np.zeros(self.size, np.float32)
        span = slice(self.carried_starts[finding], self.carried_starts[finding + 1])
        p[self.carried_disease[span]] = self.carried_p[span]
        return p
