"""How much of a text extraction understands: which of its fragments tell at least one finding, and by which method."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .extractor import Extractor
from .model import Method
from .patient import Patient
from .tokens import Fragment, list_fragments


@dataclass(slots=True)
class Coverage:
    """``fragments``: sentences, or parts of one up to a semicolon; a line belongs to its label. ``values``: those that
    hold a number. ``unread``: up to ``keep`` fragments that told nothing, for a person to read."""

    keep: int = 0
    passages: int = 0
    passages_read: int = 0
    fragments: int = 0
    fragments_read: int = 0
    values: int = 0
    values_read: int = 0
    methods: Counter[Method] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)

    def add(self, extractor: Extractor, text: str, *, patient: Patient, name: str = "") -> None:
        """Count one passage; ``name`` is the test whose result it is, as in :meth:`Extractor.extract`."""
        found = extractor.extract(text, patient=patient, name=name)
        self.passages += 1
        self.passages_read += bool(found)
        self.methods.update(one.method for one in found)
        for fragment, start, end in _spans(text):
            told = any(one.start < end and start < one.end for one in found)
            valued = any(token.number is not None for token in fragment.tokens)
            self.fragments += 1
            self.fragments_read += told
            self.values += valued
            self.values_read += valued and told
            if not told and len(self.unread) < self.keep:
                self.unread.append(": ".join(filter(None, (name, text[start:end]))))

    def to_dict(self) -> dict[str, Any]:
        counts = {
            name: {"n": n, "read": read, "share": round(read / n, 4) if n else None}
            for name, n, read in (
                ("passages", self.passages, self.passages_read),
                ("fragments", self.fragments, self.fragments_read),
                ("values", self.values, self.values_read),
            )
        }
        methods = {str(method): count for method, count in self.methods.most_common()}
        return {**counts, "findings": self.methods.total(), "methods": methods, "unread": self.unread}


def _spans(text: str) -> Iterator[tuple[Fragment, int, int]]:
    for fragment in list_fragments(text):
        if any(token.word for token in fragment.tokens):
            yield fragment, fragment.tokens[0].start, fragment.tokens[-1].end
