"""The ranking of annotated diseases by what a patient shows."""

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from ..store import Array
from .kin import Kin
from .profiles import Profiles
from .ratios import Patch, Ratios
from .settings import RankingSettings


def best_places(scores: Array, count: int) -> list[int]:
    """Where the largest scores are, best first; of equal ones the earlier. Without sorting the rest."""
    count = min(count, len(scores))
    if count < 1:
        return []
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    near = np.flatnonzero(scores >= least)
    found: list[int] = near[np.argsort(-scores[near], kind="stable")][:count].tolist()
    return found


class Ranker:
    """Scores over the candidates of :class:`.profiles.Profiles`. Making one takes about a second."""

    def __init__(self, arrays: Mapping[str, Array], settings: RankingSettings | None = None) -> None:
        self.settings = settings or RankingSettings()
        self.profiles = Profiles(arrays, self.settings)
        self._information = arrays["information"]
        self._ratios = Ratios(self.profiles, Kin(arrays, self.profiles, self.settings.gene_most), self.settings)
        rows, ancestors = self.profiles.rows, self.profiles.ancestors
        self._stated = np.unique(rows.finding)
        spans = [ancestors[finding] for finding in self._stated.tolist()]
        self._above = np.concatenate(spans) if spans else np.zeros(0, np.int32)
        self._above_starts = np.cumsum([0, *(len(span) for span in spans)])[:-1]
        self._first_rows = np.searchsorted(rows.disease, np.arange(self.profiles.size))

    def shares(
        self, findings: Iterable[tuple[int, bool]], without: Collection[int] = ()
    ) -> tuple[list[tuple[int, bool]], Array, Array]:
        """The distinct findings (concept number, present?) in order of number; their log ratios, one row each; and the
        log ratio of what each candidate usually shows and the patient was not said to have.

        A finding both present and excluded is present. ``without``: numbers of references to leave out.
        """
        told = dict(sorted(findings, key=lambda pair: pair[1]))
        listed = sorted(told.items())
        patch = None
        if without:
            affected, left = self.profiles.without(without)
            patch = Patch(self.profiles, affected, left, [number for number, _ in listed])
        rows = [self._ratios.present(n, patch) if present else self._ratios.excluded(n, patch) for n, present in listed]
        ratios = np.stack(rows) if rows else np.zeros((0, self.profiles.size))
        return listed, ratios, self._unmet([number for number, present in listed if present], patch)

    def _unmet(self, present: list[int], patch: Patch | None) -> Array:
        """With n findings told: unmet · n / (n + few) · Σ over annotations of ln(1 − told · P · (1 − likeness)²).

        Likeness of an annotation to the patient: the information of the most informative finding above both, as a
        share of its own (Resnik 1995, scaled). Nothing told, nothing missed.
        """
        profiles, rows = self.profiles, self.profiles.rows
        if not present:
            return np.zeros(profiles.size)
        shown = np.zeros(len(self._information), np.float32)
        known = np.unique(np.concatenate([profiles.ancestors[number] for number in present]))
        shown[known] = self._information[known]
        missing = np.zeros(len(self._information), np.float32)
        best = np.maximum.reduceat(shown[self._above], self._above_starts)
        missing[self._stated] = (1 - best / np.maximum(self._information[self._stated], 1e-3)) ** 2
        told = np.float32(self.settings.told)
        unmet = np.add.reduceat(np.log(1 - told * rows.p * missing[rows.finding]), self._first_rows)
        if patch is not None:
            left = patch.left
            losses = np.log(1 - told * left.p * missing[left.finding])
            unmet[patch.affected] = np.bincount(left.disease, losses, len(patch.affected))
        weighted: Array = self.settings.unmet * len(present) / (len(present) + self.settings.few) * unmet
        return weighted
