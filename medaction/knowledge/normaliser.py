"""From a written name to a concept, strongest method first; every link says how it was made and what was set aside.

Order: authored names and aliases → authored forms, graded broader → exact label or synonym of any vocabulary → variants
(abbreviated words, brackets, inverted commas, side and severity set aside, the same words in another order) → head or
contained mention, graded broader → nothing. Fuzzy matching only suggests.
"""

from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np

from .compiling.concepts import KINDS
from .compiling.names import BAG, FORM, LABEL, RESIDUAL
from .model import Concept, Grade, Kind, Link, Method, Suggestion
from .store import Array, Rows, Strings
from .text import fold, key_hash, word_bag
from .variants import Variant, list_heads, list_mentions, list_variants

# When one name means several equivalents, the one with the most to say.
_PREFERENCE = {name: rank for rank, name in enumerate(("MA", "HP", "MF", "TEST", "OMIM", "ORPHA", "DECIPHER", "GROUP"))}
_NARROWER = "the name of a narrower form of it"
_KIND_ORDER = {"disease": 0, "finding": 1, "test": 2, "modifier": 3}


class Normaliser:
    """Reads the name arrays of a compiled graph. ``concept_at`` turns a concept number into a :class:`Concept`."""

    def __init__(self, arrays: dict[str, Array], concept_at: Callable[[int], Concept]) -> None:
        self._hashes = arrays["name_hashes"]
        self._concepts = arrays["name_concepts"]
        self._tiers = arrays["name_tiers"]
        self._kinds = arrays["concept_kinds"]
        self._same = arrays["same"]
        self._ancestors = Rows(arrays["ancestor_starts"], arrays["ancestors"])
        self._edge_counts = np.diff(arrays["edge_starts"])
        self._texts = Strings(arrays["text_blob"], arrays["text_starts"])
        self._words = Strings(arrays["word_blob"], arrays["word_starts"])
        self._texts_of_word = Rows(arrays["word_text_starts"], arrays["word_texts"])
        self._concept_at = concept_at
        self.link = lru_cache(maxsize=20_000)(self._link)

    def _link(self, text: str, kind: Kind | None = None) -> Link | None:
        """The concept that ``text`` names, or None. Never raises for any text."""
        if found := self._find(fold(text), kind):
            if found[1] == RESIDUAL:
                return self._made(text, found[0], Method.EXACT, Grade.BROADER, "an ICD-10-CM group that includes it")
            if found[1] == FORM:
                return self._made(text, found[0], Method.AUTHORED, Grade.BROADER, _NARROWER)
            method = Method.AUTHORED if found[1] < LABEL else Method.EXACT
            return self._made(text, found[0], method, Grade.SAME, "")
        for variant in list_variants(text):
            if (found := self._find(variant.key, kind)) and found[1] != RESIDUAL:
                grade, form = (Grade.BROADER, _NARROWER) if found[1] == FORM else (variant.grade, "")
                note = "; ".join(filter(None, (variant.note, form)))
                return self._made(text, found[0], Method.VARIANT, grade, note)
            if found := self._find(word_bag(variant.key), kind):
                grade, form = (Grade.BROADER, _NARROWER) if found[1] == FORM else (variant.grade, "")
                note = "; ".join(filter(None, (variant.note, "same words in another order or form", form)))
                return self._made(text, found[0], Method.VARIANT, grade, note)
        for source in (list_heads, list_mentions):
            if link := self._contained(text, source(text), kind):
                return link
        return None

    def _contained(self, text: str, candidates: Iterator[Variant], kind: Kind | None) -> Link | None:
        for variant in candidates:
            found = self._find(variant.key, kind) or self._find(word_bag(variant.key), kind)
            weakest = BAG if " " in variant.key else LABEL
            if found and found[1] <= weakest:
                return self._made(text, found[0], Method.CONTAINED, Grade.BROADER, variant.note)
        return None

    def suggest(self, text: str, kind: Kind | None = None, count: int = 5) -> tuple[Suggestion, ...]:
        """Names worded or spelled nearly like ``text``, best first; for a person to choose from, never to link."""
        key = fold(text)
        votes: dict[int, float] = {}
        for word in key.split():
            for near, closeness in self._near_words(word):
                texts = self._texts_of_word[near]
                weight = closeness / (1 + np.log1p(len(texts)))
                for position in texts[:2000].tolist():
                    votes[position] = votes.get(position, 0.0) + weight
        likely = sorted(votes, key=lambda position: -votes[position])[:200]
        scored = sorted(
            ((SequenceMatcher(None, key, self._texts[position]).ratio(), self._texts[position]) for position in likely),
            reverse=True,
        )
        suggestions: dict[int, Suggestion] = {}
        for score, name in scored:
            if (found := self._find(name, kind)) and found[0] not in suggestions and score >= 0.5:
                suggestions[found[0]] = Suggestion(self._concept_at(found[0]), name, round(score, 3))
            if len(suggestions) == count:
                break
        return tuple(suggestions.values())

    def _near_words(self, word: str) -> list[tuple[int, float]]:
        """The word itself, or up to five of the same first letter that are spelled nearly the same."""
        low, high = self._word_range(word)
        if low < high:
            return [(low, 1.0)]
        low, high = self._word_range(word[:1], prefix=True)
        scored = []
        matcher = SequenceMatcher(None, b=word)
        for position in range(low, high):
            other = self._words[position]
            if abs(len(other) - len(word)) <= 2:
                matcher.set_seq1(other)
                if (
                    matcher.real_quick_ratio() > 0.75
                    and matcher.quick_ratio() > 0.75
                    and (ratio := matcher.ratio()) > 0.75
                ):
                    scored.append((ratio, position))
        return [(position, ratio) for ratio, position in sorted(scored, reverse=True)[:5]]

    def _word_range(self, word: str, *, prefix: bool = False) -> tuple[int, int]:
        def first(bound: str) -> int:
            low, high = 0, len(self._words)
            while low < high:
                middle = (low + high) // 2
                if self._words[middle] < bound:
                    low = middle + 1
                else:
                    high = middle
            return low

        return first(word), first(word + ("\U0010ffff" if prefix else "\0"))

    def _find(self, key: str, kind: Kind | None) -> tuple[int, int] | None:
        """(concept number, tier) of the strongest unambiguous meaning of a folded name."""
        if not key or key == "~":
            return None
        wanted = np.uint64(key_hash(key))
        low = int(np.searchsorted(self._hashes, wanted, "left"))
        high = int(np.searchsorted(self._hashes, wanted, "right"))
        if low == high:
            return None
        rows = [
            (int(self._tiers[i]), _KIND_ORDER[KINDS[self._kinds[self._concepts[i]]]], int(self._concepts[i]))
            for i in range(low, high)
            if self._allowed(int(self._concepts[i]), kind)
        ]
        if not rows:
            return None
        best = min(row[:2] for row in rows)
        chosen = self._choose([number for tier, order, number in rows if (tier, order) == best])
        return None if chosen is None else (chosen, best[0])

    def _allowed(self, number: int, kind: Kind | None) -> bool:
        name = KINDS[self._kinds[number]]
        return name != "modifier" if kind is None else name == kind

    def _choose(self, numbers: list[int]) -> int | None:
        """One of several: the preferred of equivalents, or the ancestor of all the others; None when ambiguous."""
        if len({int(self._same[number]) for number in numbers}) == 1:
            return min(numbers, key=self._rank)
        for number in numbers:
            if all(number in self._ancestors[other] for other in numbers):
                return number
        annotated = [number for number in numbers if self._edge_counts[number]]
        return annotated[0] if len(annotated) == 1 else None

    def _rank(self, number: int) -> tuple[int, int]:
        vocabulary = self._concept_at(number).vocabulary
        return _PREFERENCE.get(vocabulary, 9), -int(self._edge_counts[number])

    def _made(self, text: str, number: int, method: Method, grade: Grade, note: str) -> Link:
        return Link(text, self._concept_at(self._preferred(number)), method, grade, note)

    def _preferred(self, number: int) -> int:
        """The authored or annotated equivalent, so that a bare ICD code does not hide what is known."""
        if KINDS[self._kinds[number]] != "disease":
            return number
        return min(map(int, np.flatnonzero(self._same == self._same[number])), key=self._rank)
