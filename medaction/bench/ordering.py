"""Order-invariance: the same evidence told in another order should give the same answer."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeVar

from .statistics import estimate

Key = TypeVar("Key", bound=Hashable)


def total_variation(one: Mapping[Key, float | None], other: Mapping[Key, float | None]) -> float | None:
    """½ Σ |p - q| over what either lists, what a list leaves open counting as one more diagnosis: 0 for the same
    beliefs, 1 for disjoint ones. None where a list is empty or states no probability for one of its diagnoses."""
    if not one or not other:
        return None
    p = {key: value for key, value in one.items() if value is not None}
    q = {key: value for key, value in other.items() if value is not None}
    if len(p) < len(one) or len(q) < len(other):
        return None
    listed = sum(abs(p.get(key, 0.0) - q.get(key, 0.0)) for key in {**p, **q})
    left_open = abs(max(0.0, 1 - sum(p.values())) - max(0.0, 1 - sum(q.values())))
    return 0.5 * (listed + left_open)


def summarise_orders(records: Sequence[Mapping[str, Any]], *, seed: int = 0) -> dict[str, Any] | None:
    """``changed``: share of cases in which some order changes the diagnosis; ``changed_orders``: share of orders that
    do; ``total_variation``: mean over cases of the mean over orders; ``spread``: share of cases right in one order and
    wrong in another. None where no case was read in another order."""
    told = [record["ordering"] for record in records]
    if not any(told):
        return None
    groups: list[Hashable] = [record["group"] for record in records]

    def mean(values: Sequence[float | None], share: bool = True) -> dict[str, Any]:
        return estimate(values, groups, share=share, seed=seed)

    right = [
        None if one is None else [record["readings"]["all"]["rank"] == 1, *one["right"]]
        for one, record in zip(told, records, strict=True)
    ]
    return {
        "permutations": max(len(one["changed"]) for one in told if one),
        "changed": mean([None if one is None else float(any(one["changed"])) for one in told]),
        "changed_orders": mean([None if one is None else sum(one["changed"]) / len(one["changed"]) for one in told]),
        "total_variation": mean(
            [None if one is None else _mean_known(one["total_variation"]) for one in told], share=False
        ),
        "spread": mean([None if one is None else float(len(set(one)) > 1) for one in right]),
    }


def _mean_known(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
