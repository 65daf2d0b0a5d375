"""Comparing scans: the same means, and body sites that agree."""

from collections.abc import Sequence

from medaction.domain.case import MenuItem
from medaction.domain.vocabulary import SIDES, Wording


def match_scan(order: Wording, menu: Sequence[tuple[MenuItem, Wording]]) -> tuple[list[str], bool]:
    """Keys of the scans that answer an order, and whether the first of them answers it as a whole.

    A scan answers as a whole when it shows every site that was asked for ("CT abdomen" by "CT abdomen and pelvis"), the
    one with the fewest other sites first. Else scans of some of the sites answer together. Contrast is left out of
    account; a side is not: left never answers right.
    """
    if len(order.modalities) != 1 or not order.sites:
        return [], False
    whole: dict[str, int] = {}
    parts: dict[str, None] = {}
    for item, name in menu:
        if name.modalities != order.modalities or name.rest != order.rest or not name.sites:
            continue
        if not _same_side(order, name):
            continue
        if order.sites <= name.sites:
            extra = len(name.sites - order.sites)
            whole[item.key] = min(extra, whole.get(item.key, extra))
        elif name.sites < order.sites:
            parts[item.key] = None
    if whole:
        return sorted(whole, key=lambda key: whole[key]), True
    return list(parts), False


def _same_side(order: Wording, name: Wording) -> bool:
    return not order.sides or not name.sides or bool(order.sides & name.sides & SIDES)
