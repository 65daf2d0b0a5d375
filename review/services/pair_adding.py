"""Many pairs at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from review.services.errors import ItemRefused
from review.services.pairing import End, add_pair, find_pair


@dataclass(slots=True)
class Added:
    """``there`` were pairs before. ``refused``: how many could not be compared, ``problem`` why, of the first.

    ``full``: as many as were asked for, so there may be more.
    """

    added: int = 0
    there: int = 0
    refused: int = 0
    problem: str = ""
    full: bool = False


def add_pairs(*, ends: Iterable[tuple[End, End]], most: int, **values: Any) -> Added:
    """At most ``most`` new ones, in the order of ``ends``; ``values`` as for :func:`add_pair`. One transaction a pair,
    so that a long list holds up nobody; stopped halfway, it can be asked for again."""
    done = Added()
    for first, second in ends:
        if done.added == most:
            done.full = True
            break
        if find_pair(first=first, second=second) is not None:
            done.there += 1
            continue
        try:
            add_pair(first=first, second=second, **values)
            done.added += 1
        except ItemRefused as refusal:
            done.refused += 1
            done.problem = done.problem or str(refusal)
    return done
