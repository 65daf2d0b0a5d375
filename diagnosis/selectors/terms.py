"""Names to complete while somebody types: every test of the catalogue, every authored disease.

The same for every case: what a case holds, and what it is, must not be told by what is offered.
"""

from functools import lru_cache
from importlib.resources import files

import yaml

from medaction.domain.catalogue import load_catalogue

Names = tuple[str, ...]


def list_test_names() -> tuple[Names, ...]:
    """One entry a test or panel: its name, then its aliases. By name."""
    return tuple(sorted((entry.names for entry in load_catalogue().values()), key=_by_name))


@lru_cache(maxsize=1)
def list_disease_names() -> tuple[Names, ...]:
    """One entry a disease of the authored layer: its name, then its aliases. By name.

    Read from the authored files (under a second, once a process), so that a page needs no compiled graph.
    """
    entries: list[Names] = []
    for system in (files("medaction") / "knowledge" / "data" / "diseases").iterdir():
        for source in system.iterdir():
            if source.name.endswith(".yaml"):
                disease = yaml.load(source.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
                entries.append((disease["name"], *disease.get("aliases", ())))
    return tuple(sorted(entries, key=_by_name))


def _by_name(names: Names) -> str:
    return names[0].casefold()


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
