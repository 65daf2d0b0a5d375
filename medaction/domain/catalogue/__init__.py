"""The authored table of tests: one entry for all the names of a test, with what it costs, takes, risks and measures.

Each ``*.yaml`` file beside this module is a list of entries; they are read once, on first use.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from medaction.domain.case import RISKS, Category
from medaction.domain.catalogue.reading import read_loinc, read_quantities
from medaction.domain.fields import Fields
from medaction.domain.quantities import Quantity


class CatalogueError(ValueError):
    """A catalogue file that is not a list of entries. The message names file, entry and field."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """``components`` are the keys of the tests that a panel holds. Units are those of :class:`MenuItem`.

    ``quantities`` is what it measures, the one that bears its name first; ``loinc`` the codes that mean this test.
    """

    key: str
    name: str
    aliases: tuple[str, ...]
    category: Category
    cost: float | None
    cost_source: str
    turnaround_minutes: int | None
    turnaround_source: str
    risk: str | None
    risk_source: str
    components: tuple[str, ...]
    loinc: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@lru_cache(maxsize=1)
def load_catalogue() -> Mapping[str, CatalogueEntry]:
    """All entries by key, in the order of the file names. Raises :class:`CatalogueError`."""
    sources = sorted(
        (source for source in files(__name__).iterdir() if source.name.endswith(".yaml")),
        key=lambda source: source.name,
    )
    return read_catalogue((source.name, source.read_text(encoding="utf-8")) for source in sources)


@lru_cache(maxsize=1)
def load_quantities() -> Mapping[str, Quantity]:
    """Everything the tests measure, by the quantity's key: the test's own key, or that of a further quantity."""
    return {quantity.key: quantity for entry in load_catalogue().values() for quantity in entry.quantities}


def read_catalogue(documents: Iterable[tuple[str, str]]) -> dict[str, CatalogueEntry]:
    """The entries of some YAML documents, each with the name to use in errors. Raises :class:`CatalogueError`."""
    entries: dict[str, CatalogueEntry] = {}
    for name, text in documents:
        for entry in _read_document(name, text):
            if entry.key in entries:
                raise CatalogueError(f"{name}: the key {entry.key} is used twice")
            entries[entry.key] = entry
    for entry in entries.values():
        for component in entry.components:
            if component not in entries:
                raise CatalogueError(f"{entry.key}: its component {component} is not in the catalogue")
    owners: dict[str, str] = {key: key for key in entries}
    for entry in entries.values():
        for quantity in entry.quantities:
            if owners.setdefault(quantity.key, entry.key) != entry.key:
                raise CatalogueError(f"{entry.key}: its quantity {quantity.key} bears the key of another")
    return entries


def _read_document(name: str, text: str) -> Iterator[CatalogueEntry]:
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, in C where there is one
    except yaml.YAMLError as error:
        raise CatalogueError(f"{name}: not YAML: {error}") from error
    if not isinstance(document, list):
        raise CatalogueError(f"{name}: must be a list of entries")
    for number, data in enumerate(document, start=1):
        fields = Fields(data)
        entry = _read_entry(fields)
        fields.refuse_unknown()
        if fields.errors:
            first = fields.errors[0]
            raise CatalogueError(f"{name}: entry {number}: {first.field} {first.message}")
        yield entry


def _read_entry(fields: Fields) -> CatalogueEntry:
    loinc = read_loinc(fields)
    return CatalogueEntry(
        key=fields.text("key"),
        name=fields.text("name"),
        aliases=fields.texts("aliases"),
        category=Category(fields.choice("category", Category, default=Category.OTHER)),
        cost=fields.number("cost"),
        cost_source=fields.text("cost_source", default=""),
        turnaround_minutes=fields.minutes("turnaround_minutes"),
        turnaround_source=fields.text("turnaround_source", default=""),
        risk=fields.choice("risk", RISKS),
        risk_source=fields.text("risk_source", default=""),
        components=fields.texts("components"),
        loinc=loinc,
        quantities=read_quantities(fields, loinc),
    )


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
