"""From a wording to the catalogue: which tests a name can mean."""

from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from medaction.domain.case import MenuItem
from medaction.domain.catalogue import CatalogueEntry, load_catalogue
from medaction.domain.vocabulary import normalise, read_wording

Name = TypeVar("Name", str, frozenset[str])


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, str], dict[frozenset[str], str]]:
    """Catalogue key by normalised name, and by set of tokens. What two entries share means neither."""
    by_name: dict[str, str | None] = {}
    by_tokens: dict[frozenset[str], str | None] = {}
    for entry in load_catalogue().values():
        for name in entry.names:
            _claim(by_name, normalise(name), entry)
            _claim(by_tokens, read_wording(name).tokens, entry)
    return _settled(by_name), _settled(by_tokens)


def _claim(table: dict[Name, str | None], name: Name, entry: CatalogueEntry) -> None:
    if table.setdefault(name, entry.key) != entry.key:
        table[name] = None


def _settled(table: dict[Name, str | None]) -> dict[Name, str]:
    return {name: key for name, key in table.items() if key is not None}


@lru_cache(maxsize=65536)
def catalogue_key(text: str) -> str | None:
    """The key of the test that a name means, or None when it means none, or several."""
    by_name, by_tokens = _names()
    return by_name.get(normalise(text)) or by_tokens.get(read_wording(text).tokens)


def is_known_name(text: str) -> bool:
    """Whether a text as a whole is a name in the catalogue."""
    return normalise(text) in _names()[0]


def item_keys(item: MenuItem) -> frozenset[str]:
    """The catalogue keys that a menu item's names, or its own key, stand for."""
    keys = {key for name in (item.name, *item.aliases) if (key := catalogue_key(name))}
    if item.key in load_catalogue():
        keys.add(item.key)
    return frozenset(keys)


def fill_from_catalogue(item: MenuItem) -> MenuItem:
    """The item with cost, turnaround and risk from the catalogue where it has none of its own, as estimates."""
    entry = load_catalogue().get(catalogue_key(item.name) or item.key)
    if entry is None:
        return item
    filled = {
        figure: value
        for figure in ("cost", "turnaround_minutes", "risk")
        if getattr(item, figure) is None and (value := getattr(entry, figure)) is not None
    }
    return replace(item, **filled) if filled else item
