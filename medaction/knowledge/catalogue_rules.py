"""Rules of the measuring part of a catalogue entry: its LOINC codes, units and ranges."""

from collections.abc import Iterator, Mapping
from typing import Any

from medaction.domain.quantities import OLDEST, Quantity, Range, is_loinc, range_faults, read_age
from medaction.domain.units import read_unit

from .documents import DataPath, Document
from .problems import Problem


def lint_measuring(document: Document, index: int, row: Mapping[str, Any], owners: dict[str, str]) -> Iterator[Problem]:
    """``owners``: which test each quantity belongs to; filled here, so that a repeated one is found."""
    parts: list[tuple[DataPath, Mapping[str, Any]]] = [((index,), row)]
    parts += [((index, "quantities", n), part) for n, part in enumerate(row.get("quantities", ()))]
    for path, part in parts:
        if part is not row or "unit" in row:
            owner = owners.setdefault(part["key"], row["key"])
            if owner != row["key"] or (part is not row and part["key"] == row["key"]):
                yield document.problem(path, f"the quantity {part['key']} is already one of {owner}")
        yield from _lint_quantity(document, path, part)


def _lint_quantity(document: Document, path: DataPath, part: Mapping[str, Any]) -> Iterator[Problem]:
    for number, code in enumerate(part.get("loinc", ())):
        if not is_loinc(code):
            yield document.problem(
                (*path, "loinc", number), f"{code}: its check digit is wrong, so it is no LOINC code"
            )
    unit = part.get("unit")
    if unit is None:
        for name in ("ranges", "molar_mass", "valence", "other_units"):
            if name in part:
                yield document.problem((*path, name), f"{name} without a unit")
        return
    if read_unit(unit) is None:
        yield document.problem((*path, "unit"), f"{unit!r} is not a unit that medaction.domain.units knows")
    yield from _lint_other_units(document, path, part)
    ranges = []
    for number, row in enumerate(part.get("ranges", ())):
        try:
            first, below = map(read_age, row.get("age", (0.0, OLDEST)))
        except (TypeError, ValueError) as error:
            yield document.problem((*path, "ranges", number, "age"), str(error))
            continue
        ranges.append(Range(row.get("low"), row.get("high"), (first, below), row.get("sex")))
    for fault in range_faults(ranges):
        yield document.problem((*path, "ranges"), fault)


def _lint_other_units(document: Document, path: DataPath, part: Mapping[str, Any]) -> Iterator[Problem]:
    plain = Quantity(
        part["key"], part["name"], part["unit"], molar_mass=part.get("molar_mass"), valence=part.get("valence", 1)
    )
    for name, factor in part.get("other_units", {}).items():
        numbers = factor if isinstance(factor, list) else [factor, 0]
        if len(numbers) != 2 or not all(isinstance(number, (int, float)) for number in numbers) or not numbers[0]:
            yield document.problem((*path, "other_units"), f"{name}: must be a factor, or [factor, offset]")
        elif plain.in_unit(1.0, name) is not None:
            yield document.problem((*path, "other_units"), f"{name} follows from the unit already: leave it out")
