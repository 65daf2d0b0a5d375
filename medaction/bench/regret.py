"""What asking costs: how much accuracy is lost by what was not found, and how much by taking it in turn by turn.

acquisition regret = accuracy(all evidence at once) - accuracy(own evidence at once)
integration regret = accuracy(own evidence at once) - accuracy(active): static minus active, on the same evidence
total              = their sum
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from .figures import right_within
from .statistics import estimate, mcnemar

READINGS = ("all", "own", "active")
DIFFERENCES = {"acquisition": ("all", "own"), "integration": ("own", "active"), "total": ("all", "active")}
RANKS = (1, 3)


def summarise_regret(records: Sequence[Mapping[str, Any]], *, seed: int = 0) -> dict[str, Any] | None:
    """Over the records that have all three readings: ``top1`` and ``top3``, each with the three accuracies, their
    differences with paired bootstrap intervals, and McNemar's exact p; ``truth_p`` compares the probability given to
    the truth, which moves before the answer does. None where no case was read three times."""
    read = [record for record in records if {"all", "own"} <= record["readings"].keys()]
    if not read:
        return None
    groups: list[Hashable] = [record["group"] for record in read]
    answers = {
        "active": list(read),
        **{name: [record["readings"][name] for record in read] for name in ("all", "own")},
    }
    told: dict[str, Any] = {"n": len({record["id"] for record in read}), "records": len(read)}
    for most in RANKS:
        right = {name: [right_within(one, most) for one in answers[name]] for name in READINGS}
        told[f"top{most}"] = _compare(right, groups, seed) | {"mcnemar": _test(right)}
    beliefs = {name: [one["truth_p"] for one in answers[name]] for name in READINGS}
    told["truth_p"] = _compare(beliefs, groups, seed, share=False)
    return told


def _compare(
    values: Mapping[str, Sequence[float | None]], groups: Sequence[Hashable], seed: int, share: bool = True
) -> dict[str, Any]:
    levels = {name: estimate(values[name], groups, share=share, seed=seed) for name in READINGS}
    differences = {
        name: estimate(subtract(values[more], values[less]), groups, seed=seed)
        for name, (more, less) in DIFFERENCES.items()
    }
    return {**levels, **differences}


def _test(right: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: mcnemar(*count_discordant(right[more], right[less])) for name, (more, less) in DIFFERENCES.items()}


def subtract(more: Sequence[float | None], less: Sequence[float | None]) -> list[float | None]:
    """Pair by pair; None where either is not known."""
    return [None if a is None or b is None else a - b for a, b in zip(more, less, strict=True)]


def count_discordant(one: Sequence[float], other: Sequence[float]) -> tuple[int, int]:
    """Pairs in which only the first is right, and only the second."""
    pairs = list(zip(one, other, strict=True))
    return sum(a > b for a, b in pairs), sum(b > a for a, b in pairs)
