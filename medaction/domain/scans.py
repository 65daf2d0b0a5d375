"""Comparing scans: the same means, and body sites that agree."""

from collections.abc import Sequence

from medaction.domain.case import MenuItem
from medaction.domain.vocabulary import SIDES, Wording


def match_scan(order: Wording, menu: Sequence[tuple[MenuItem, Wording]]) -> tuple[list[str], bool]:
    """Keys of the scans that answer an order, and whether the first of them answers it as a whole.

    A scan answers as a whole when it shows every site that was asked for ("CT abdomen" by "CT abdomen and pelvis"), the
    one with the fewest other sites first. Else scans of some of the sites answer together, and so do left and right
    when no side was named. Contrast is left out of account; a side is not: left never answers right.
    """
    if len(order.modalities) != 1 or not order.sites:
        return [], False
    whole: dict[str, int] = {}
    parts: dict[str, None] = {}
    sides: dict[str, frozenset[str]] = {}
    for item, name in menu:
        if name.modalities != order.modalities or name.rest != order.rest or not name.sites:
            continue
        if not _same_side(order, name):
            continue
        if order.sites <= name.sites:
            extra = len(name.sites - order.sites)
            whole[item.key] = min(extra, whole.get(item.key, extra))
            sides[item.key] = name.sides
        elif name.sites < order.sites:
            parts[item.key] = None
    if not whole:
        return list(parts), False
    nearest = [key for key, extra in whole.items() if extra == min(whole.values())]
    return (nearest, False) if len({sides[key] for key in nearest}) > 1 else (nearest, True)


def _same_side(order: Wording, name: Wording) -> bool:
    return not order.sides or not name.sides or bool(order.sides & name.sides & SIDES)
