"""How much one finding, present or excluded, argues for each candidate: log likelihood ratios.

A finding that a disease does not state may still be a near miss of one that it does. P(finding | disease) is therefore
a mixture over the finding and all broader ones: P(broader | disease) · P(finding) / P(broader), each broader one
weighted by P(finding) / P(broader), so that a far ancestor counts for little (interpolated smoothing along is-a).
"""

from functools import lru_cache

import numpy as np

from ..store import Array
from .kin import Kin
from .profiles import Profiles, Rows3
from .settings import RankingSettings


class Patch:
    """Candidates whose annotations were cut, and their P of any finding among the broader ones of some findings."""

    def __init__(self, profiles: Profiles, affected: Array, left: Rows3, findings: list[int]) -> None:
        above = [profiles.ancestors[finding] for finding in findings]
        self.affected, self.left = affected, left
        self._closure = np.unique(np.concatenate(above)) if above else np.zeros(0, np.int32)
        self._p = np.zeros((len(affected), len(self._closure)), np.float32)
        column = np.full(len(profiles.place), -1, np.int32)
        column[self._closure] = np.arange(len(self._closure))
        for disease, finding, p in zip(left.disease.tolist(), left.finding.tolist(), left.p.tolist(), strict=True):
            at = column[profiles.ancestors[finding]]
            at = at[at >= 0]
            self._p[disease, at] = np.maximum(self._p[disease, at], p)

    def p(self, findings: Array) -> Array:
        """(affected candidates × findings)."""
        block: Array = self._p[:, np.searchsorted(self._closure, findings)]
        return block


class Ratios:
    """One array over the candidates for each question; the answers without a patch are kept."""

    def __init__(self, profiles: Profiles, kin: Kin, settings: RankingSettings) -> None:
        self._profiles, self._kin, self._settings = profiles, kin, settings
        self._raw_present = lru_cache(maxsize=512)(self._mix_present)
        self._raw_sought = lru_cache(maxsize=512)(self._mix_sought)
        self._kept_present = lru_cache(maxsize=512)(self._present)
        self._kept_excluded = lru_cache(maxsize=512)(self._excluded)

    def present(self, finding: int, patch: Patch | None = None) -> Array:
        return self._kept_present(finding) if patch is None else self._present(finding, patch)

    def excluded(self, finding: int, patch: Patch | None = None) -> Array:
        """Two parts: how usual the finding is where it is stated, and that it was looked for, which is done where a
        disease is known to have it or to lack it."""
        return self._kept_excluded(finding) if patch is None else self._excluded(finding, patch)

    def _present(self, finding: int, patch: Patch | None = None) -> Array:
        mixed = self._raw_present(finding)
        if patch is not None:
            above, weights = self._weights(finding, self._profiles.share)
            mixed = mixed.copy()
            mixed[patch.affected] = patch.p(above) @ weights
        noise = self._settings.noise
        ratio: Array = np.log(self._kin.blend(mixed, self._settings.kin) * (1 - noise) + noise)
        return ratio

    def _excluded(self, finding: int, patch: Patch | None = None) -> Array:
        settings, profiles = self._settings, self._profiles
        p, sought = profiles.probability(finding), self._raw_sought(finding)
        if patch is not None:
            above, weights = self._weights(finding, profiles.stated)
            p[patch.affected] = patch.p(np.array([finding]))[:, 0]
            sought = sought.copy()
            sought[patch.affected] = (patch.p(above) > 0) @ weights
        most, noise = settings.denied_most, settings.sought_noise
        frequency = np.log((1 - most * p) / (1 - most * profiles.share[finding]))
        ratio = settings.denied * frequency + settings.sought * np.log(sought * (1 - noise) + noise)
        bounded: Array = np.where(p >= settings.usual, np.minimum(ratio, 0.0), ratio)
        return bounded

    def _mix_present(self, finding: int) -> Array:
        return self._mix(finding, self._profiles.share, self._profiles.carried_p)

    def _mix_sought(self, finding: int) -> Array:
        return self._mix(finding, self._profiles.stated, None)

    def _mix(self, finding: int, share: Array, values: Array | None) -> Array:
        """Σ over the finding and its broader ones of weight · value; ``values`` None counts every statement as 1."""
        profiles = self._profiles
        mixed = np.zeros(profiles.size)
        for number, weight in zip(*self._weights(finding, share), strict=True):
            span = slice(profiles.carried_starts[number], profiles.carried_starts[number + 1])
            mixed[profiles.carried_disease[span]] += weight if values is None else weight * values[span]
        return mixed.astype(np.float32)

    def _weights(self, finding: int, share: Array) -> tuple[Array, Array]:
        """The finding and its broader ones, and what a P of each is worth as a ratio to its share."""
        above = self._profiles.ancestors[finding]
        nearness = np.minimum(share[finding] / share[above], 1.0)
        return above, nearness / nearness.sum() / share[above]
