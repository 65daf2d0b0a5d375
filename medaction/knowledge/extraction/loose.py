"""Descriptive findings told in other words: most of what a long name says, within one fragment.

"Tenderness over the medial tibia, just below the joint" is "tenderness of the medial tibia below the joint line". Words
count by how few names hold them. Only for those who ask: less sure than a name, and counted as less.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log

from ..graph import KnowledgeGraph
from ..text import fold
from .assertion import Assertion
from .book import Book, list_keys
from .cues import read_yaml
from .matching import content_of
from .tokens import Fragment

COVERED = 0.7
"""The least share of a name's weight that must be found (a setting of ours)."""
LEAST_WORDS = 3
REACH = 14
"""Over how many tokens the words may be spread."""
_RAW = read_yaml("wording.yaml")["loose"]
# A name that holds one of these is not meant without it; polar ones may not stand in the text alone either.
_POLAR = frozenset(fold(word) for word in _RAW["polar"])
_NEEDED = _POLAR | frozenset(fold(word) for word in _RAW["needed"])
_NEVER = frozenset(fold(word) for word in _RAW["never"])


@dataclass(frozen=True, slots=True)
class LooseMatch:
    """``first``, ``last``: token positions; ``denied``: all of it is."""

    first: int
    last: int
    finding: str
    denied: bool


class LooseNames:
    """Names of at least :data:`LEAST_WORDS` telling words, by each of their words."""

    def __init__(self, graph: KnowledgeGraph, book: Book) -> None:
        self._book = book
        names: dict[tuple[str, ...], str] = {}
        for key, number in _authored_names(graph):
            words = tuple(sorted({part for word in key.split() for part in book.content(word)}))
            if len(words) >= LEAST_WORDS and not any(word in _NEVER or word.isdigit() for word in key.split()):
                names[words] = graph.at(number).id
        counts = Counter(word for words in names for word in words)
        self._weight = {word: log(1 + len(names) / count) for word, count in counts.items()}
        self._names = list(names.items())
        self._total = [sum(self._weight[word] for word in words) for words, _ in self._names]
        self._holding: dict[str, list[int]] = defaultdict(list)
        for place, (words, _) in enumerate(self._names):
            rarest = sorted(words, key=lambda word: (-self._weight[word], word))
            # At most this many words may be missing, so one of the rarest of them plus one is always there.
            for word in rarest[: len(words) - _least(len(words)) + 1]:
                self._holding[word].append(place)

    def find(self, fragment: Fragment, assertion: Assertion, start: int) -> Iterator[LooseMatch]:
        """Loosely named findings of a fragment from the token ``start`` on, the surest name of each finding."""
        positions: dict[str, list[int]] = defaultdict(list)
        for position, token in enumerate(fragment.tokens):
            if position >= start and token.word and token.number is None and position not in assertion.unasserted:
                for part in content_of(self._book, token.key):
                    positions[part].append(position)
        if len(positions) < LEAST_WORDS:
            return
        reached = {place: None for word in positions for place in self._holding.get(word, ())}
        best: dict[str, tuple[float, LooseMatch]] = {}
        for place in reached:
            words, finding = self._names[place]
            found = [word for word in words if word in positions]
            if len(found) < _least(len(words)):
                continue
            if any(word in _NEEDED and word not in positions for word in words):
                continue
            covered = sum(self._weight[word] for word in found) / self._total[place]
            if covered < COVERED or covered <= best.get(finding, (0.0,))[0]:
                continue
            span = nearest_span([positions[word] for word in found])
            inside = {fragment.tokens[p].key for p in range(max(0, span[0] - 1), span[1] + 1)}
            if span[1] - span[0] > REACH or not _POLAR & inside <= set(words):
                continue
            if (match := _judged(span, [positions[word] for word in found], finding, assertion)) is not None:
                best[finding] = (covered, match)
        yield from (match for _, match in best.values())


def _least(size: int) -> int:
    """How many of a name's words must be there."""
    return max(LEAST_WORDS, size - 2)


def _judged(
    span: tuple[int, int], places: Sequence[Sequence[int]], finding: str, assertion: Assertion
) -> LooseMatch | None:
    inside = [p for each in places for p in each if span[0] <= p <= span[1]]
    denied = [p in assertion.denied for p in inside]
    if any(denied) and not all(denied):
        return None
    return LooseMatch(span[0], span[1], finding, all(denied))


def nearest_span(places: Sequence[Sequence[int]]) -> tuple[int, int]:
    """The smallest range of positions that holds one of each."""
    every = sorted((position, owner) for owner, each in enumerate(places) for position in each)
    best, start = (every[0][0], every[-1][0]), 0
    held: Counter[int] = Counter()
    for position, owner in every:
        held[owner] += 1
        while len(held) == len(places):
            first, first_owner = every[start]
            if position - first < best[1] - best[0]:
                best = (first, position)
            held[first_owner] -= 1
            if not held[first_owner]:
                del held[first_owner]
            start += 1
    return best


def _authored_names(graph: KnowledgeGraph) -> Iterable[tuple[str, int]]:
    """Names of the findings that an authored disease states."""
    column = graph.arrays
    stated = set(column["edge_finding"][column["edge_source"] == 0].tolist())
    return ((key, number) for key, number in list_keys(graph, "finding", authored_only=False) if number in stated)
