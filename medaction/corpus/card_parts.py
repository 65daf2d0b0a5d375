"""Tables of a data card, in Markdown."""

from collections.abc import Iterable, Sequence
from typing import Any


def section(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [f"## {title}", "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    return "not known" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
