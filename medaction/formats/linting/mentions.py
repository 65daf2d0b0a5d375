"""Where a text names a disease: by the case's own names for it, or by any name that the graph has for it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from medaction.knowledge import Concept, KnowledgeGraph
from medaction.knowledge.compiling.names import RESIDUAL
from medaction.knowledge.text import fold, key_hash

_LONGEST = 10
_SENTENCE = re.compile(r"[.;!?\n]+(?:\s+|$)")
_NEGATIONS = {"no", "not", "without", "denie", "deny", "negative", "exclude", "ruled", "unlikely", "nor", "never"}
_RELATIVES = {"mother", "father", "brother", "sister", "parent", "sibling", "family", "cousin", "aunt", "uncle"} | {
    *("grandmother", "grandfather", "son", "daughter", "relative", "husband", "wife", "partner", "twin")
}
_REACH = 6
_SHORT = 4


@dataclass(frozen=True, slots=True)
class Mention:
    """``words`` as folded by the graph. ``of_relative``: the sentence speaks of somebody else before the name."""

    words: str
    of_relative: bool


class DiseaseNames:
    """The names of one disease, to be looked for in many texts."""

    def __init__(self, names: Iterable[str], concepts: Iterable[Concept], graph: KnowledgeGraph) -> None:
        self._hashes = {key_hash(fold(name)) for name in names if fold(name)}
        members = {n for concept in concepts for n in graph.similarity_index.equivalents(concept.index)}
        mine = np.isin(graph.arrays["name_concepts"], list(members)) & (graph.arrays["name_tiers"] != RESIDUAL)
        self._hashes |= set(graph.arrays["name_hashes"][mine].tolist())

    def mentions(self, text: str) -> Iterator[Mention]:
        """The longest names, in their order. A name that the text denies ("no sign of …") is none."""
        for sentence in _SENTENCE.split(text):
            words = fold(sentence).split()
            start = 0
            while start < len(words):
                size = self._longest_name(words[start : start + _LONGEST])
                name = " ".join(words[start : start + size])
                if size and _is_written(name, sentence) and not _NEGATIONS & {*words[max(0, start - _REACH) : start]}:
                    yield Mention(name, bool(_RELATIVES & {*words[:start]}))
                start += size or 1

    def _longest_name(self, words: list[str]) -> int:
        """How many of the first words are a name; 0 when none are."""
        sizes = range(len(words), 0, -1)
        return next((size for size in sizes if key_hash(" ".join(words[:size])) in self._hashes), 0)


def _is_written(name: str, sentence: str) -> bool:
    """A short name counts only as an abbreviation in capitals: "MS", not "ms"."""
    return len(name) > _SHORT or re.search(rf"\b{re.escape(name.upper())}\b", sentence) is not None
