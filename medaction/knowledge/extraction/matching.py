"""Names in a run of words: as written, or their words in another order and form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .book import Book, Named
from .model import Method
from .tokens import Token

# Content words that one name may be spread over, and which of them may be skipped.
_PATTERNS = ((0, 1, 2, 3, 4), (0, 1, 2, 3), (0, 1, 2), (0, 1, 3), (0, 2, 3), (0, 1), (0, 2), (0,))
# Marks and words over which no name reaches.
_WINDOW_ENDS = frozenset(
    {
        ",",
        "(",
        ")",
        ":",
        "and",
        "or",
        "with",
        "without",
        "but",
        "for",
        "despite",
        "which",
        "that",
        "while",
        "who",
        "when",
    }
    | {"then", "after", "before", "because", "causing", "than"}
)
_ABBREVIATION = 4
_JOINS = frozenset({"-", "/", "'", "’"})


@dataclass(frozen=True, slots=True)
class Match:
    """``first`` and ``last``: positions of the tokens it spans; ``used``: how many words it rests on."""

    first: int
    last: int
    used: int
    named: Named
    method: Method


def find_matches(book: Book, tokens: Sequence[Token]) -> list[Match]:
    """The names in one fragment, none overlapping another; more words win, then words as written, then the first."""
    found = [*_phrases(book, tokens), *_words(book, tokens)]
    found.sort(key=lambda match: (-match.used, match.method is Method.WORDS, match.last - match.first, match.first))
    taken: set[int] = set()
    kept = []
    for match in found:
        span = range(match.first, match.last + 1)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(match)
    return sorted(kept, key=lambda match: match.first)


def runs_of(tokens: Sequence[Token]) -> Iterator[list[int]]:
    """Positions of words that follow each other without a mark between (hyphens and slashes join)."""
    run: list[int] = []
    for position, token in enumerate(tokens):
        if token.word:
            run.append(position)
        elif token.key not in _JOINS and run:
            yield run
            run = []
    if run:
        yield run


def longest_at(lengths: Mapping[str, tuple[int, ...]], names: Mapping[str, object], keys: Sequence[str], i: int) -> int:
    """How many words from ``i`` on are the longest known name; 0 for none."""
    for size in lengths.get(keys[i], ()):
        if i + size <= len(keys) and " ".join(keys[i : i + size]) in names:
            return size
    return 0


def _phrases(book: Book, tokens: Sequence[Token]) -> Iterator[Match]:
    for run in runs_of(tokens):
        keys = [tokens[position].key for position in run]
        for i in range(len(keys)):
            if size := longest_at(book.lengths, book.names, keys, i):
                named = book.names[" ".join(keys[i : i + size])]
                if size == 1 and _is_other_word(tokens[run[i]], named):
                    continue
                yield Match(run[i], run[i + size - 1], size, named, Method.PHRASE)


def _is_other_word(token: Token, named: Named) -> bool:
    """Whether a short word in small letters is not the abbreviation that it folds to ("does" is not DES)."""
    return token.end - token.start <= (_ABBREVIATION if named.finding is None else 2) and not token.capital


def _words(book: Book, tokens: Sequence[Token]) -> Iterator[Match]:
    """Matches of content words; a comma, bracket or colon ends the window."""
    content: list[tuple[int, tuple[str, ...]]] = []
    for position, token in enumerate(tokens):
        if token.key in _WINDOW_ENDS:
            yield from _windows(book, content)
            content = []
        elif token.word and token.number is None and (parts := content_of(book, token.key)):
            content.append((position, parts))
    yield from _windows(book, content)


@lru_cache(maxsize=50_000)
def content_of(book: Book, key: str) -> tuple[str, ...]:
    return book.content(key)


def _windows(book: Book, content: list[tuple[int, tuple[str, ...]]]) -> Iterator[Match]:
    bags = book.bags
    for i in range(len(content)):
        for pattern in _PATTERNS:
            if i + pattern[-1] >= len(content):
                continue
            chosen = [content[i + step] for step in pattern]
            words = {part for _, parts in chosen for part in parts}
            named = bags.get(" ".join(sorted(words)))
            if named is not None:
                yield Match(chosen[0][0], chosen[-1][0], len(pattern), named, Method.WORDS)
