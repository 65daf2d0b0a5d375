"""How far apart reviewers see the first error of a path."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .ratings import Undefined
from .resampling import leave_out_means, number_groups, spread


@dataclass(frozen=True, slots=True)
class FirstErrorDistance:
    """Over ``n`` paths that both marked: turns between the two places on average, with its interval; the shares at the
    same place and at most one turn apart. None with the reason where there is nothing to tell."""

    turns: float | None
    n: int = 0
    interval: tuple[float, float] | None = None
    same: float | None = None
    within_one: float | None = None
    reason: Undefined | None = None


def find_first_error(labels: Sequence[int | None]) -> int | None:
    """The place (from 0) of the first turn labelled below 0; None when there is none."""
    return next((place for place, label in enumerate(labels) if label is not None and label < 0), None)


def first_error_distance(
    marks: Sequence[tuple[int | None, int | None]], lengths: Sequence[int], groups: Sequence[int] | None = None
) -> FirstErrorDistance:
    """``marks``: for each path where each of two reviewers sees the first error, None for none. ``lengths``: its turns.

    No error counts as an error just after the end, so that "none" and "the last turn" are one turn apart. ``groups``:
    what each path belongs to; the jackknife leaves out one at a time. Raises ``ValueError`` for a place outside its
    path.
    """
    apart = []
    for pair, length in zip(marks, lengths, strict=True):
        if any(place is not None and not 0 <= place < length for place in pair):
            raise ValueError(f"a path of {length} turns has no turn {max(place or 0 for place in pair)}")
        one, other = (length if place is None else place for place in pair)
        apart.append(abs(one - other))
    if not apart:
        return FirstErrorDistance(None, reason=Undefined.NO_SHARED_ITEM)
    distances = np.array(apart, dtype=np.float64)
    mean = float(distances.mean())

    numbered = number_groups(None if groups is None else np.array(groups, dtype=np.int64), len(apart))
    interval, reason = spread(mean, leave_out_means(distances, numbered), least=0.0, most=float(max(lengths)))
    same, near = float((distances == 0).mean()), float((distances <= 1).mean())
    return FirstErrorDistance(mean, len(apart), interval, same, near, reason)
