"""Cases that a benchmark holds too.

Near duplicates: MinHash (Broder 1997) over five-word runs finds candidates, the exact Jaccard index decides.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from medaction.domain.case import Case

RUN_OF_WORDS = 5
BANDS, ROWS = 32, 4
"""128 permutations in 32 bands: two texts with a Jaccard index of 0.8 meet with a chance above 0.9999."""

_WORD = re.compile(r"\w+")


class LeakKind(StrEnum):
    """GROUP: the same article or patient. CONTENT: the same case. NEAR: nearly the same text."""

    GROUP = "GROUP"
    CONTENT = "CONTENT"
    NEAR = "NEAR"


@dataclass(frozen=True, slots=True)
class Leak:
    """``likeness``: Jaccard index of the texts' five-word runs, 1 for the same content; None for a shared group."""

    case: str
    benchmark_case: str
    kind: LeakKind
    likeness: float | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "benchmark_case": self.benchmark_case,
            "kind": self.kind.value,
            "likeness": self.likeness,
        }


class LeakFinder:
    """Holds the benchmarks' cases; asks of each case whether it is one of them."""

    def __init__(
        self, benchmark: Iterable[Case], near: float = 0.8, *, listed: Iterable[tuple[str, str, str]] = ()
    ) -> None:
        """``listed``: benchmark cases of which only id, group key and content hash are at hand."""
        self._near = near
        self._groups: dict[str, str] = {}
        self._hashes: dict[str, str] = {}
        self._runs: dict[str, frozenset[int]] = {}
        self._bands: dict[tuple[int, bytes], list[str]] = defaultdict(list)
        self._listed = 0
        for name, group, content in listed:
            self._listed += 1
            self._groups.setdefault(group, name)
            self._hashes.setdefault(content, name)
        for case in benchmark:
            self._groups.setdefault(case.group_key, case.id)
            self._hashes.setdefault(case.content_hash, case.id)
            runs = word_runs(text_of(case))
            self._runs[case.id] = runs
            for band in bands_of(runs):
                self._bands[band].append(case.id)

    def __len__(self) -> int:
        return len(self._runs) + self._listed

    def find(self, case: Case) -> Leak | None:
        """The strongest reason to keep a case out, or None."""
        if (known := self._hashes.get(case.content_hash)) is not None:
            return Leak(case.id, known, LeakKind.CONTENT, 1.0)
        if case.group_key and (known := self._groups.get(case.group_key)) is not None:
            return Leak(case.id, known, LeakKind.GROUP, None)
        runs = word_runs(text_of(case))
        candidates = sorted({name for band in bands_of(runs) for name in self._bands.get(band, ())})
        likeness, nearest = max(((jaccard(runs, self._runs[name]), name) for name in candidates), default=(0.0, ""))
        return Leak(case.id, nearest, LeakKind.NEAR, round(likeness, 4)) if likeness >= self._near else None


class KnownLeaks:
    """What a version left out, by its manifest: written in another format, it leaves out the same cases."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._count = int(told["benchmark_cases"])
        self._leaks = {entry["case"]: Leak(**{**entry, "kind": LeakKind(entry["kind"])}) for entry in told["cases"]}

    def __len__(self) -> int:
        return self._count

    def find(self, case: Case) -> Leak | None:
        return self._leaks.get(case.id)


def text_of(case: Case) -> str:
    """What a reader of the case sees: the presentation and every result."""
    return "\n".join([case.o1, *(item.result for item in case.menu)])


def word_runs(text: str) -> frozenset[int]:
    """Hashes of every run of five words, case and punctuation aside; a shorter text is one run."""
    words = _WORD.findall(text.casefold())
    count = max(1, len(words) - RUN_OF_WORDS + 1)
    runs = (" ".join(words[start : start + RUN_OF_WORDS]) for start in range(count))
    return frozenset(int.from_bytes(blake2b(run.encode(), digest_size=7).digest(), "big") for run in runs)


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


def bands_of(runs: frozenset[int]) -> list[tuple[int, bytes]]:
    """MinHash signature, cut into bands that can be looked up."""
    values = np.fromiter(runs, np.uint64, len(runs))
    signature = np.array([_mix(values, salt).min() for salt in _SALTS], np.uint64)
    return [(band, signature[band * ROWS : (band + 1) * ROWS].tobytes()) for band in range(BANDS)]


def _mix(values: npt.NDArray[np.uint64], salt: np.uint64) -> npt.NDArray[np.uint64]:
    """A permutation of 64 bits for each salt (the finaliser of SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        mixed = values + salt
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


_SALTS = np.random.default_rng(0).integers(0, 2**63, BANDS * ROWS, dtype=np.uint64)
