"""Which words of a fragment are denied, which are not asserted at all, and which tell of earlier years."""

from collections.abc import Sequence
from dataclasses import dataclass

from .cues import Cues, Runs, load_cues
from .matching import Match
from .tokens import Fragment, Token

_RELATIVE_REACH = 6


@dataclass(frozen=True, slots=True)
class Assertion:
    """Positions of tokens that stand under each of these."""

    denied: frozenset[int]
    unasserted: frozenset[int]
    past: frozenset[int]


def read_assertion(fragment: Fragment, matches: Sequence[Match]) -> Assertion:
    """Cue words inside a matched name ("loss of appetite") do not count."""
    cues = load_cues()
    tokens = fragment.tokens
    keys = [token.key for token in tokens]
    inside = {position for match in matches for position in range(match.first, match.last + 1)}
    denied, unasserted, past = set[int](), set[int](), set[int]()
    position = 0
    while position < len(keys):
        size = cues.not_negation.at(keys, position)
        if not size and position not in inside:
            if size := cues.negation_after.at(keys, position):
                denied.update(_before(tokens, keys, position, cues, after=size))
            if before := cues.negation_before.at(keys, position):
                denied.update(range(position + before, _scope_end(tokens, keys, position + before, cues)))
                size = max(size, before)
            if cues.negation_next.at(keys, position):
                denied.update(range(position + 1, min(position + 4, len(keys))))
            if found := cues.unasserted.at(keys, position):
                unasserted.update(range(position, _scope_end(tokens, keys, position + found, cues)))
            if cues.past.at(keys, position) and not (position and cues.durations.at(keys, position - 1)):
                past.update(range(position, len(keys)))
            if cues.relatives.at(keys, position) and _tells_of_relative(cues, keys, position):
                unasserted.update(range(position, len(keys)))
        position += max(size, 1)
    if len(keys) > 2 and keys[-2] == ":" and keys[-1] in {"no", "none", "nil"}:
        denied.update(range(len(keys)))
    if ":" in keys[:-1] and keys[(colon := keys.index(":")) + 1] in _DENYING:
        denied.update(range(colon))  # "Substance use: denies …"
    labels = {*fragment.labels[:-1], *fragment.labels[:1]}
    if labels & (cues.family_labels | cues.silent_labels):
        unasserted.update(range(len(keys)))
    if labels & cues.past_labels:
        past.update(range(len(keys)))
    return Assertion(frozenset(denied), frozenset(unasserted), frozenset(past))


def _scope_end(tokens: Sequence[Token], keys: Sequence[str], start: int, cues: Cues) -> int:
    for position in range(start, len(keys)):
        if position > start and cues.scope_ends.at(keys, position):
            return position
        if keys[position] == "," and position + 1 < len(keys) and cues.restarts.at(keys, position + 1):
            return position
        if keys[position] == ":" and position > start:
            return position
    return len(tokens)


def _before(tokens: Sequence[Token], keys: Sequence[str], end: int, cues: Cues, *, after: int) -> range:
    """From the last comma or scope end up to here. Nothing when a noun follows ("negative margins")."""
    follows = end + after < len(keys) and tokens[end + after].word and keys[end + after] not in _CLOSERS
    if follows:
        return range(0)
    start = end
    while start > 0 and keys[start - 1] not in {",", "("} and not cues.scope_ends.at(keys, start - 1):
        start -= 1
    return range(start, end)


_DENYING = frozenset({"deny", "denied", "none", "never", "negative", "nil"})
_CLOSERS = frozenset({"on", "in", "at", "for", "and", "bilaterally", "today", "now", "by", "during", "with", "to"})


def _tells_of_relative(cues: Cues, keys: Sequence[str], position: int) -> bool:
    """Whether this relative has something, rather than says something of the patient."""
    for later in range(position + 1, min(position + _RELATIVE_REACH, len(keys))):
        if _at(cues.relative_says, keys, later):
            return False
        if _at(cues.relative_has, keys, later):
            return True
    return False


def _at(runs: Runs, keys: Sequence[str], position: int) -> bool:
    return runs.at(keys, position) > 0
