"""Slips of the keyboard undone: an unknown word that is one slip away from exactly one known word is that word.

A known word is never changed, so hyper- stays hyper-; a word that could be two is left alone.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from medaction.domain.catalogue import load_catalogue
from medaction.domain.vocabulary import normalise

SHORTEST = 5
"""Shorter words are left alone: one letter makes another abbreviation of them."""
_LONG_WORD = re.compile(rf"[^\W\d_]{{{SHORTEST},}}")
# Words of other tests, one slip away from one in the catalogue.
_OTHER_WORDS = frozenset({"inulin", "cortisone", "creatine", "globin", "lysine", "hypocalcemia", "colonic", "ilial"})
_REQUESTS = frozenset({"please", "order", "obtain", "would", "check", "repeat", "perform", "request", "arrange"})


class Spelling:
    """Knows the words of the catalogue and those given."""

    def __init__(self, words: Iterable[str]) -> None:
        self._own = frozenset(word for word in words if word.isalpha()) - _known()
        self._own_slips = _slips_of(self._own)

    def correct(self, text: str) -> str:
        """The text with its slips undone; empty when there is none that can be undone."""
        corrected = _LONG_WORD.sub(lambda found: self._correct(found[0]), text)
        return corrected if corrected != text else ""

    def _correct(self, written: str) -> str:
        word = normalise(written)
        if not word.isalpha() or word in self._own or word in _known() or word in _OTHER_WORDS:
            return written
        near = {
            known
            for shape in _shapes(word)
            for known in (*_known_slips().get(shape, ()), *self._own_slips.get(shape, ()))
            if _is_one_slip(word, known)
        }
        return near.pop() if len(near) == 1 else written


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    names = (name for entry in load_catalogue().values() for name in entry.names)
    return _REQUESTS | {word for name in names for word in normalise(name).split() if word.isalpha()}


@lru_cache(maxsize=1)
def _known_slips() -> dict[str, tuple[str, ...]]:
    return _slips_of(_known())


def _slips_of(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Long words by each of their shapes."""
    found: dict[str, list[str]] = {}
    for word in sorted(words):
        if len(word) >= SHORTEST:
            for shape in _shapes(word):
                found.setdefault(shape, []).append(word)
    return {shape: tuple(same) for shape, same in found.items()}


def _shapes(word: str) -> Iterator[str]:
    """The word, and the word without each of its letters: two words one slip apart share a shape."""
    yield from {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _is_one_slip(word: str, known: str) -> bool:
    """One letter more, less or other, or two neighbours exchanged; the first letter is not mistyped."""
    if word[0] != known[0] or abs(len(word) - len(known)) > 1:
        return False
    if len(word) != len(known):
        longer, shorter = (word, known) if len(word) > len(known) else (known, word)
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    differ = [at for at in range(len(word)) if word[at] != known[at]]
    if len(differ) == 1:
        return True
    swapped = len(differ) == 2 and differ[1] == differ[0] + 1
    return swapped and word[differ[0]] == known[differ[1]] and word[differ[1]] == known[differ[0]]
