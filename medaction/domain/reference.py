"""The usual limits of what a test measures."""

from medaction.domain.catalogue import load_quantities
from medaction.domain.quantities import Range


def reference_range(key: str, age: float | None = None, sex: str | None = None) -> Range | None:
    """The usual limits of a test of the catalogue, or of one of its quantities (``direct_bilirubin``).

    ``age`` in years, an adult's when None; ``sex`` ``female`` or ``male``, the widest limits of both when None. The
    limits are in ``load_quantities()[key].unit``. None for an unknown key, or where no limits are given for such a
    patient. All are estimates of a typical laboratory unless their ``source`` cites one: they guide a reader, and a
    range printed by the laboratory itself goes first.
    """
    quantity = load_quantities().get(key)
    return quantity.range_for(age, sex) if quantity else None
