"""Judged trees to decisions: what counts of several people's labels of one branch."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .policy import LabelPolicy, Pass
from .records import JudgedTree, Judgement, Step
from .telling import Teller


class Kind(StrEnum):
    """How a branch was decided. SINGLE: one judgement. AGREED: several, all labels the same. OWN: each by itself."""

    ADJUDICATED = "ADJUDICATED"
    SINGLE = "SINGLE"
    AGREED = "AGREED"
    MAJORITY = "MAJORITY"
    OWN = "OWN"


@dataclass(frozen=True, slots=True)
class Decision:
    """What counts of the branch at ``leaf``. ``raters`` and ``seconds`` of each judgement that it is made of.

    ``stage``: an adjudicator knows the truth, whichever pass was asked for.
    """

    leaf: int
    kind: Kind
    steps: Mapping[int, Step]
    raters: tuple[str, ...]
    seconds: tuple[int, ...]
    month: str
    stage: Pass
    weight: float = 1.0


@dataclass(slots=True)
class Tally:
    """What happened on the way. ``tied``: turns without a majority; ``waiting``: branches that need an adjudication."""

    branches: int = 0
    judgements: int = 0
    decided: Counter[str] = field(default_factory=Counter)
    tied: int = 0
    waiting: int = 0

    def to_dict(self) -> dict[str, object]:
        return {
            "branches": self.branches,
            "judgements": self.judgements,
            "decided": dict(sorted(self.decided.items())),
            "tied_turns": self.tied,
            "waiting_for_adjudication": self.waiting,
        }


def decide(tree: JudgedTree, teller: Teller, tally: Tally) -> dict[str, list[Decision]]:
    """By rater, or under nothing where a decision is everybody's; in the order of the leaves."""
    policy = teller.policy
    by_leaf: dict[int, list[Judgement]] = {}
    for judgement in tree.judgements:
        if judgement.stage is policy.stage:
            by_leaf.setdefault(judgement.leaf, []).append(judgement)
    for leaf in tree.authoritative:
        by_leaf.setdefault(leaf, [])
    found: dict[str, list[Decision]] = {}
    for leaf, judgements in sorted(by_leaf.items()):
        tally.branches += 1
        tally.judgements += len(judgements)
        ordered = sorted(judgements, key=lambda judgement: judgement.rater)
        for decision in _decide(ordered, tree.authoritative.get(leaf), teller, tally):
            tally.decided[decision.kind.value] += 1
            found.setdefault(decision.raters[0] if policy.by_rater else "", []).append(decision)
    return found


def _decide(
    judgements: Sequence[Judgement], authoritative: Judgement | None, teller: Teller, tally: Tally
) -> Iterator[Decision]:
    if teller.policy.by_rater:
        yield from (_take(judgement, Kind.OWN, teller.weigh(judgement.rater)) for judgement in judgements)
    elif teller.policy.labels is LabelPolicy.MAJORITY:
        if judgements:
            yield _vote(judgements, tally)
    elif authoritative is not None:
        yield _take(authoritative, Kind.ADJUDICATED)
    elif len(judgements) == 1:
        yield _take(judgements[0], Kind.SINGLE)
    elif judgements and _agree(judgements):
        yield _join(judgements, Kind.AGREED, judgements[0].steps)
    else:
        tally.waiting += 1


def _take(judgement: Judgement, kind: Kind, weight: float = 1.0) -> Decision:
    return Decision(
        judgement.leaf,
        kind,
        judgement.steps,
        (judgement.rater,),
        (judgement.seconds,),
        judgement.month,
        judgement.stage,
        weight,
    )


def _join(judgements: Sequence[Judgement], kind: Kind, steps: Mapping[int, Step]) -> Decision:
    return Decision(
        judgements[0].leaf,
        kind,
        steps,
        tuple(judgement.rater for judgement in judgements),
        tuple(judgement.seconds for judgement in judgements),
        max(judgement.month for judgement in judgements),
        judgements[0].stage,
    )


def _agree(judgements: Sequence[Judgement]) -> bool:
    """Every turn has the same label, or none, from everybody."""
    said = [{number: step.label for number, step in one.steps.items() if step.label is not None} for one in judgements]
    return all(labels == said[0] for labels in said)


def _vote(judgements: Sequence[Judgement], tally: Tally) -> Decision:
    numbers = sorted({number for judgement in judgements for number in judgement.steps})
    steps: dict[int, Step] = {}
    for number in numbers:
        given = [step for judgement in judgements if (step := judgement.steps.get(number)) and step.label is not None]
        counted = Counter(step.label for step in given).most_common()
        if len(counted) > 1 and counted[0][1] == counted[1][1]:
            tally.tied += 1
        elif counted:
            winners = [step for step in given if step.label == counted[0][0]]
            inherited = 2 * sum(step.inherited for step in winners) > len(winners)
            errors = Counter(error for step in winners for error in step.errors)
            told = tuple(sorted(error for error, votes in errors.items() if 2 * votes > len(winners)))
            steps[number] = Step(counted[0][0], inherited, told)
    return _join(judgements, Kind.MAJORITY, steps)
