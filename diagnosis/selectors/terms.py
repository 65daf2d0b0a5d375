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

    Read from the head of each authored file, once a process, so that a page needs no compiled graph.
    """
    entries = []
    for system in (files("medaction") / "knowledge" / "data" / "diseases").iterdir():
        for source in system.iterdir():
            if source.name.endswith(".yaml"):
                head = _read_head(source.read_text(encoding="utf-8"), ("name", "aliases"))
                entries.append((*head["name"], *head.get("aliases", ())))
    return tuple(sorted(entries, key=_by_name))


def _read_head(text: str, wanted: tuple[str, ...]) -> dict[str, list[str]]:
    """The texts under these top-level keys. Stops when it has them: what follows in a file is long."""
    found: dict[str, list[str]] = {}
    depth, key = 0, ""
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.ScalarEvent):
            if depth == 1 and not key:
                if len(found) == len(wanted):
                    break
                key = event.value
                continue
            if key in wanted:
                found.setdefault(key, []).append(event.value)
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            continue
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth == 1:
            key = ""
    return found


def _by_name(names: Names) -> str:
    return names[0].casefold()


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
