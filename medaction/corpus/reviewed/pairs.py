"""Votes as pairs, the better first, as the policy takes them. Ties and "both bad" are counted and make no pair."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from medaction.corpus.materials import Words, lay_out
from medaction.domain.prompt import Message
from medaction.domain.tree import Node, NodeKind, TrajectoryTree
from medaction.formats.training import Preference

from .policy import LabelPolicy
from .records import JudgedTree, Vote
from .telling import Teller

ONE, OTHER = "ONE", "OTHER"
COMPARED = "compared"
Ballot = tuple[Sequence[Vote], float]
"""Votes that speak for one of the two, and by how much more than the others do."""


@dataclass(slots=True)
class PairTally:
    """``votes`` by what they chose; ``undecided``: pairs (votes, where each counts by itself) that chose neither;
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
    by_pair: dict[tuple[int, int], list[Vote]] = {}
    for vote in tree.votes:
        by_pair.setdefault((vote.one, vote.other), []).append(vote)
        tally.votes[vote.choice] += 1
        tally.raters.add(vote.rater)
    found: dict[str, list[Preference]] = {}
    for votes in by_pair.values():
        for spoken, margin in _count(sorted(votes, key=lambda vote: vote.rater), teller, tally):
            pair = _pair(spoken, margin, whole, words, teller)
            if pair is None:
                tally.unusable += 1
                continue
            tally.pairs += 1
            found.setdefault(spoken[0].rater if teller.policy.by_rater else "", []).append(pair)
    return found


def _count(votes: Sequence[Vote], teller: Teller, tally: PairTally) -> Iterator[Ballot]:
    if teller.policy.by_rater:
        decided = [vote for vote in votes if vote.choice in (ONE, OTHER)]
        tally.undecided += len(votes) - len(decided)
        yield from (([vote], 1.0) for vote in decided)
        return
    (choice, most), *rest = Counter(vote.choice for vote in votes).most_common()
    needed = len(votes) if teller.policy.labels is LabelPolicy.AUTHORITATIVE else (rest[0][1] + 1 if rest else 1)
    if choice not in (ONE, OTHER) or most < needed:
        tally.undecided += 1
        return
    against = sum(count for other, count in rest if other in (ONE, OTHER))
    yield [vote for vote in votes if vote.choice == choice], (most - against) / (most + against)


def _pair(
    votes: Sequence[Vote], margin: float, whole: TrajectoryTree, words: Words, teller: Teller
) -> Preference | None:
    better, worse = whole[votes[0].one], whole[votes[0].other]
    if votes[0].choice == OTHER:
        better, worse = worse, better
    texts = better.content["text"], worse.content["text"]
    if not words.valid(better) or texts[0] == texts[1]:
        return None
    raters = [vote.rater for vote in votes]
    told = teller.tell(
        raters,
        [vote.seconds for vote in votes],
        max(vote.month for vote in votes),
        stage=COMPARED,
        weight=teller.weigh(raters[0]),
    )
    reason = f"Preferred by {len(votes)} reviewer{'s' if len(votes) > 1 else ''}, blind."
    return Preference(_prompt(whole.branch(better), words), *texts, margin, reason, better.seq, worse.seq, told)


def _prompt(nodes: Sequence[Node], words: Words) -> tuple[Message, ...]:
    """The messages that the last of these turns answers."""
    turns = sum(node.kind is NodeKind.TURN for node in nodes)
    messages, _ = lay_out(nodes, words, [None] * turns, set())
    return messages[:-1]
