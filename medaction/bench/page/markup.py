"""Elements of HTML and SVG. Text is escaped; only what these functions made is taken as markup."""

import re
from collections.abc import Iterable
from html import escape

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VOID = frozenset({"meta", "br", "hr", "col"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def text(value: object) -> Markup:
    """Escaped for content and attributes; control characters and lone surrogates become a mark of their own."""
    return value if isinstance(value, Markup) else Markup(escape(_CONTROL.sub("\ufffd", str(value)), quote=True))


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """``tag("p", "a < b", class_="note")``. Lists are joined, None is left out, of children and attributes alike; an
    underscore in an attribute's name is a hyphen, one at its end is dropped."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{told}>")
    return Markup(f"<{name}{told}>{join(children)}</{name}>")


def join(children: Iterable[object]) -> Markup:
    """One after the other."""
    pieces = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Iterable) and not isinstance(child, str):
            pieces.append(join(child))
        else:
            pieces.append(text(child))
    return Markup("".join(pieces))
