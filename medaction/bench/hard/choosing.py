"""Which of the cases that were tried are taken."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from medaction.formats.linting import Code

UNSOLVABLE = frozenset({Code.UNRESOLVED_DIAGNOSIS.value, Code.NO_REACHABLE_FINDING.value})
GIVEN_AWAY = frozenset({Code.DIAGNOSIS_IN_O1.value, Code.DIAGNOSIS_IN_RESULT.value})


@dataclass(frozen=True, slots=True)
class HardRule:
    """``most``: cases at most. ``right_at_most``: a case may be taken when at most so many reference runs were right.

    Left out are cases that nobody could solve (everything told at once, ``kg`` does not list the diagnosis among its
    first ten, **and** the linter says that the graph does not know the diagnosis or joins no test to a finding), and
    cases whose text gives the diagnosis away. Of what is left, those that fewer reference runs solved come first, then
    by a hash of ``seed`` and content; body systems take turns; a group key comes once, a disease at most
    ``per_disease`` times.

    ``tries``: only so many cases of each diagnosis are tried, drawn by the hash of their ids; None for all.
    ``without_own_paper``: reference policies must not use what the graph has from a case's own publication.
    """

    most: int = 300
    right_at_most: int = 0
    per_disease: int = 2
    tries: int | None = None
    seed: int = 0
    without_own_paper: bool = True

    def __post_init__(self) -> None:
        if min(self.most, self.per_disease, self.tries or 1) < 1 or self.right_at_most < 0:
            raise ValueError("cases at most, those of one disease and tries must be at least 1; runs right at least 0")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one case. ``right``: by reference run, in the order tried; a case that too many solved was not
    tried by the rest. ``static_rank`` (from 1) and ``lint`` only of cases that may still be taken."""

    id: str
    content_hash: str
    group: str
    source: str
    system: str
    disease: str
    right: Mapping[str, bool]
    static_rank: int | None = None
    lint: tuple[str, ...] = ()

    @property
    def solved(self) -> int:
        return sum(self.right.values())

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "right": dict(self.right), "lint": list(self.lint)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Tried":
        return cls(**{**data, "lint": tuple(data["lint"])})


def reason_against(tried: Tried, rule: HardRule) -> str | None:
    """Why a case is left out, or None."""
    if tried.solved > rule.right_at_most:
        return "solved"
    if GIVEN_AWAY.intersection(tried.lint):
        return "given away"
    if tried.static_rank is None and UNSOLVABLE.intersection(tried.lint):
        return "unsolvable"
    return None


def choose_hard(tried: Iterable[Tried], rule: HardRule) -> tuple[list[Tried], dict[str, int]]:
    """The chosen, in the order in which they were, and how many were left out, by reason. Depends on no order."""
    left_out: Counter[str] = Counter()
    ranked: dict[int, dict[str, list[Tried]]] = defaultdict(lambda: defaultdict(list))
    unique = {one.content_hash: one for one in sorted(tried, key=lambda one: one.id, reverse=True)}
    for one in sorted(unique.values(), key=lambda one: _draw(one, rule.seed)):
        if (reason := reason_against(one, rule)) is not None:
            left_out[reason] += 1
        else:
            ranked[one.solved][one.system].append(one)
    shelf = _Shelf(rule)
    for solved in sorted(ranked):
        shelf.fill([deque(ranked[solved][system]) for system in sorted(ranked[solved])])
    return shelf.chosen, dict(sorted((left_out + shelf.left_out).items()))


class _Shelf:
    """What was chosen so far."""

    def __init__(self, rule: HardRule) -> None:
        self._rule = rule
        self._groups: set[str] = set()
        self._diseases: Counter[str] = Counter()
        self.chosen: list[Tried] = []
        self.left_out: Counter[str] = Counter()

    def fill(self, strata: list[deque[Tried]]) -> None:
        """One of each stratum, then another of each; one that cannot be taken gives its turn to the next of its own."""
        while strata := [stratum for stratum in strata if stratum]:
            for stratum in strata:
                while stratum and not self._take(stratum.popleft()):
                    pass

    def _take(self, one: Tried) -> bool:
        if one.group in self._groups:
            self.left_out["same group"] += 1
        elif self._diseases[one.disease] >= self._rule.per_disease:
            self.left_out["same disease"] += 1
        elif len(self.chosen) >= self._rule.most:
            self.left_out["enough"] += 1
        else:
            self.chosen.append(one)
            self._groups.add(one.group)
            self._diseases[one.disease] += 1
            return True
        return False


def _draw(one: Tried, seed: int) -> bytes:
    return sha256(f"{seed}:{one.content_hash}".encode()).digest()
