"""The limits that a number is held against: printed beside it, else the catalogue's for the patient's age and sex."""

import re
from collections.abc import Sequence

from medaction.domain.quantities import Quantity, Range

from .patient import Patient

_NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
_BETWEEN = re.compile(rf"[(\[][^()\[\]]{{0,40}}?(?<![\d.]){_NUMBER}\s*(?:-|–|—|to)\s*{_NUMBER}[^()\[\]]{{0,24}}[)\]]")
_LIMIT = re.compile(rf"[(\[][^()\[\]\d]{{0,40}}?(<|>|≤|≥|less than|greater than|up to|below|above)\s*{_NUMBER}")
_FROM = re.compile(rf"\b(?:normal|reference|ref)\b[^\d.;]{{0,20}}{_NUMBER}\s*(?:-|–|—|to)\s*{_NUMBER}", re.IGNORECASE)
_UNIT_FOLLOWS = re.compile(r"\s*[a-zμµ%/°]", re.IGNORECASE)
_MOST = float("inf")


def printed_range(text: str) -> Range | None:
    """The range that stands in brackets after a value, or after "normal"; None when there is none."""
    if found := _BETWEEN.search(text) or _FROM.search(text):
        return Range(_read(found[1]), _read(found[2]))
    if found := _LIMIT.search(text):
        value = _read(found[2])
        return Range(low=value) if found[1] in (">", "≥", "greater than", "above") else Range(high=value)
    return None


def _read(written: str) -> float:
    return float(written.replace(",", ""))


def usual_level(
    quantities: Sequence[Quantity],
    bare: Sequence[str] | None,
    value: float,
    written: str,
    patient: Patient,
    most: float = _MOST,
) -> str | None:
    """``high``, ``low`` or ``normal`` of a value by the first quantity that it can be told in; None when by none.

    ``written`` is what follows the number. ``bare`` are the units to try where that is no unit, None for the
    quantity's own; values above ``most`` are not believed. Of several quantities one is a share of the cells: when it
    is low, others may only be many, so that level is not told.
    """
    for quantity in quantities:
        if (told := _told(quantity, bare, value, written, most)) is None:
            continue
        usual = quantity.range_for(patient.age, patient.sex)
        level = usual.level(told) if usual else None
        return None if level == "low" and quantity.unit == "%" and len(quantities) > 1 else level
    return None


def _told(quantity: Quantity, bare: Sequence[str] | None, value: float, written: str, most: float) -> float | None:
    """The value in the quantity's unit, when it is believed."""
    told = quantity.in_unit(value, written)
    if told is not None:
        return told if told <= most else None
    if _UNIT_FOLLOWS.match(written):
        return None
    units = [quantity.unit] if bare is None else bare
    read = (quantity.in_unit(value, unit) for unit in units)
    return next((one for one in read if one is not None and one <= most), None)
