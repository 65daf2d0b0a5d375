"""Comparisons as pairs, the better first, as the policy takes them. Ties and "both bad" are counted, and make none."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from medaction.corpus.materials import Words, lay_out
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import Message
from medaction.domain.tree import NodeKind, TrajectoryTree
from medaction.formats.training import Preference

from .policy import LabelPolicy
from .records import Choice, Comparison, JudgedTree, Vote
from .telling import Teller

SCOPE = "scope"
"""The column that says what was compared: one ``turn``, the ``whole`` of what followed it too, or a ``correction``."""
DECIDED = (Choice.ONE, Choice.OTHER)


@dataclass(slots=True)
class PairTally:
    """``votes`` by what they chose; ``undecided``: comparisons (votes, where each counts by itself) that chose neither;
    ``unusable``: the better one could not be read, or both say the same; ``raters`` who voted or corrected."""

    votes: Counter[str] = field(default_factory=Counter)
    pairs: int = 0
    undecided: int = 0
    unusable: int = 0
    corrections: int = 0
    raters: set[str] = field(default_factory=set)

    def to_dict(self) -> dict[str, object]:
        return {
            "votes": dict(sorted(self.votes.items())),
            "pairs": self.pairs,
            "undecided": self.undecided,
            "unusable": self.unusable,
            "corrections": self.corrections,
        }


def list_pairs(
    tree: JudgedTree, whole: TrajectoryTree, words: Words, teller: Teller, tally: PairTally
) -> dict[str, list[Preference]]:
    """By rater, or under nothing where the policy makes one of all."""
    found: dict[str, list[Preference]] = {}
    for number, comparison in enumerate(tree.comparisons):
        votes = sorted(
            (vote for vote in comparison.votes if vote.stage is teller.policy.stage), key=lambda vote: vote.rater
        )
        for vote in votes:
            tally.votes[vote.choice.value] += 1
            tally.raters.add(vote.rater)
        for spoken, margin in _count(votes, teller, tally):
            better, worse = comparison.one, comparison.other
            if spoken[0].choice is Choice.OTHER:
                better, worse = worse, better
            if better == worse or not parse_turn(better).valid:
                tally.unusable += 1
                continue
            tally.pairs += 1
            told = _tell(comparison, spoken, teller)
            reason = f"Preferred by {len(spoken)} reviewer{'s' if len(spoken) > 1 else ''}, blind."
            places = (2 * number, 2 * number + 1)
            prompt = _prompt(whole, comparison.node, words)
            pair = Preference(prompt, better, worse, margin, reason, *places, told)
            found.setdefault(spoken[0].rater if teller.policy.by_rater else "", []).append(pair)
    return found


def _count(votes: Sequence[Vote], teller: Teller, tally: PairTally) -> Iterator[tuple[Sequence[Vote], float]]:
    """Votes that speak for one of the two, and the share of those that chose by which they lead."""
    if teller.policy.by_rater:
        decided = [vote for vote in votes if vote.choice in DECIDED]
        tally.undecided += len(votes) - len(decided)
        yield from (([vote], 1.0) for vote in decided)
        return
    if not votes:
        return
    (choice, most), *rest = Counter(vote.choice for vote in votes).most_common()
    needed = len(votes) if teller.policy.labels is LabelPolicy.AUTHORITATIVE else (rest[0][1] + 1 if rest else 1)
    if choice not in DECIDED or most < needed:
        tally.undecided += 1
        return
    against = sum(count for other, count in rest if other in DECIDED)
    yield [vote for vote in votes if vote.choice == choice], (most - against) / (most + against)


def _tell(comparison: Comparison, votes: Sequence[Vote], teller: Teller) -> dict[str, object]:
    raters = [vote.rater for vote in votes]
    month = max(vote.month for vote in votes)
    told = teller.tell(raters, [vote.seconds for vote in votes], month, votes[0].stage, teller.weigh(raters[0]))
    return {**told, SCOPE: "whole" if comparison.whole else "turn"}


def _prompt(whole: TrajectoryTree, node: int, words: Words) -> tuple[Message, ...]:
    """The messages up to what this node shows."""
    path = whole.branch(node)
    turns = sum(one.kind is NodeKind.TURN for one in path)
    messages, _ = lay_out(path, words, [None] * turns, set())
    return (*messages, words.said(path[-1], turns)) if turns else messages
