"""Whom a text names: ``@name``. What comes of a name is decided where people are known."""

from re import findall

EVERYBODY = "adjudicators"
MOST = 20


def find_names(text: str) -> tuple[str, ...]:
    """In lower case, each once, in order, at most :data:`MOST`. The @ of an address of mail names nobody."""
    found = findall(r"(?<![\w.+-])@([\w.@+-]{1,150})", text)
    names = (name.rstrip(".@+-").casefold() for name in found)
    return tuple(dict.fromkeys(name for name in names if name))[:MOST]
