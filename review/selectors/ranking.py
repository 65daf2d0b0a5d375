"""Which policy reviewers prefer: Bradley-Terry strengths from their answers to pairs, and how far to trust them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from medaction.agreement import (
    Agreement,
    Comparison,
    Outcome,
    Ranking,
    Ratings,
    krippendorff_alpha,
    length_difference,
    rank_pairs,
)
from medaction.agreement.ranking import Estimate
from medaction.metrics.interval import bootstrap_interval
from review.models import Preference
from review.models.pair import Side
from review.selectors.preferences import list_authoritative_preferences

METHOD = "Bradley-Terry with ties (Davidson 1970); both bad counts as a tie; 95 % bootstrap intervals over pairs"
RESAMPLES = 200
SEED = 0
LENGTH, LEFT = "length", "left"
ONE_POLICY = "every pair so far is of one policy with itself; a ranking needs pairs of two"
Choice = Preference.Choice
OUTCOMES = {Choice.FIRST: Outcome.FIRST, Choice.SECOND: Outcome.SECOND}
COLUMNS = (
    *("pair", "reviewer__alias", "choice", "left", "pair__rubric_version"),
    *("pair__first_policy", "pair__second_policy", "pair__first_chars", "pair__second_chars"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One reviewer's latest word on one pair, given without the truth."""

    pair: UUID
    reviewer: str
    choice: str
    left: str
    rubric_version: int
    first: str
    second: str
    first_chars: int
    second_chars: int

    @property
    def decided(self) -> bool:
        return self.choice in OUTCOMES


@dataclass(frozen=True, slots=True)
class Standing:
    """One policy. ``n`` answers compare it with another. Strengths (logits, mean 0) are None where there is no
    ranking; ``controlled`` is without what length and side explain."""

    policy: str
    n: int
    wins: int
    losses: int
    ties: int
    both_bad: int
    plain: Estimate | None
    controlled: Estimate | None


@dataclass(frozen=True, slots=True)
class Share:
    """``value`` of ``n``, None of nothing, with a 95 % bootstrap interval over answers."""

    value: float | None
    n: int
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class RankingSheet:
    """``within`` answers are on pairs of one policy with itself: they count for agreement and side, not for ranks.
    ``hindsight`` answers were given with the truth shown, and count for nothing here.

    ``controls``: what differs between the two ways and so can be taken out (``length``, ``left``).
    ``longer``: of the answers that prefer one, how many prefer the longer; ``left``: the one on the left.
    ``reason`` and ``controlled_reason`` say why there is no ranking, and ``groups`` who can be ranked among themselves.
    """

    standings: tuple[Standing, ...]
    plain: Ranking
    controlled: Ranking
    reason: str
    controlled_reason: str
    answers: int
    pairs: int
    reviewers: int
    between: int
    within: int
    hindsight: int
    controls: tuple[str, ...]
    choices: dict[str, int]
    longer: Share
    left: Share
    agreement: Agreement
    rubric_versions: tuple[int, ...] = field(default=())

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(str(each) for each in group) for group in self.plain.groups)


def get_ranking(scope: str = "") -> RankingSheet:
    """Of all pairs, or of those of one scope (TURN or BRANCH). Two queries."""
    latest = list_authoritative_preferences()
    if scope:
        latest = latest.filter(pair__scope=scope)
    blind = latest.filter(Q(truth_shown_at__isnull=True) | Q(truth_shown_at__gt=F("created_at")))
    answers = [Answer(*row) for row in blind.values_list(*COLUMNS)]
    between = [answer for answer in answers if answer.first != answer.second]
    # What never differs cannot be taken out, and an effect of 0 would be a claim.
    varying = tuple(name for name in (LENGTH, LEFT) if len({_covariate(name, each) for each in between}) > 1)
    plain, controlled = _rank(between, ()), _rank(between, varying)
    decided = [answer for answer in answers if answer.decided]
    uneven = [answer for answer in decided if answer.first_chars != answer.second_chars]
    return RankingSheet(
        standings=_stand(between, plain, controlled),
        plain=plain,
        controlled=controlled,
        reason=_why(plain, answers),
        controlled_reason=_why(controlled, answers),
        answers=len(answers),
        pairs=len({answer.pair for answer in answers}),
        reviewers=len({answer.reviewer for answer in answers}),
        between=len(between),
        within=len(answers) - len(between),
        hindsight=latest.count() - len(answers),
        controls=varying,
        choices={choice: sum(answer.choice == choice for answer in answers) for choice in Choice.values},
        longer=_share([(each.first_chars > each.second_chars) == (each.choice == Choice.FIRST) for each in uneven]),
        left=_share([answer.choice == answer.left for answer in decided]),
        agreement=krippendorff_alpha(Ratings((each.reviewer, each.pair, each.choice) for each in answers)),
        rubric_versions=tuple(sorted({answer.rubric_version for answer in answers})),
    )


def _rank(answers: Sequence[Answer], controls: Sequence[str]) -> Ranking:
    comparisons = [
        Comparison(
            first=answer.first,
            second=answer.second,
            outcome=OUTCOMES.get(Choice(answer.choice), Outcome.TIE),
            covariates={name: _covariate(name, answer) for name in controls},
            group=answer.pair,
        )
        for answer in answers
    ]
    return rank_pairs(comparisons, resamples=RESAMPLES, seed=SEED)


def _covariate(name: str, answer: Answer) -> float:
    """First minus second."""
    if name == LENGTH:
        return length_difference(answer.first_chars, answer.second_chars)
    return 1.0 if answer.left == Side.FIRST else -1.0


def _why(ranking: Ranking, answers: Sequence[Answer]) -> str:
    if ranking.reason is None:
        return ""
    return ONE_POLICY if answers and not ranking.n else str(ranking.reason)


def _stand(answers: Sequence[Answer], plain: Ranking, controlled: Ranking) -> tuple[Standing, ...]:
    counts: dict[str, Counter[str]] = {}
    for answer in answers:
        for policy, won in ((answer.first, Choice.FIRST), (answer.second, Choice.SECOND)):
            told = counts.setdefault(policy, Counter())
            if answer.decided:
                told["wins" if answer.choice == won else "losses"] += 1
            else:
                told[answer.choice] += 1
    found = [
        Standing(
            policy=policy,
            n=told.total(),
            wins=told["wins"],
            losses=told["losses"],
            ties=told[Choice.TIE],
            both_bad=told[Choice.BOTH_BAD],
            plain=plain.strengths.get(policy),
            controlled=controlled.strengths.get(policy),
        )
        for policy, told in counts.items()
    ]
    return tuple(sorted(found, key=_order))


def _order(standing: Standing) -> tuple[float, float, str]:
    strength = standing.plain.value if standing.plain else 0.0
    return (-strength, -standing.wins / standing.n, standing.policy)


def _share(said: Sequence[bool]) -> Share:
    values = [float(each) for each in said]
    value = sum(values) / len(values) if values else None
    return Share(value, len(values), bootstrap_interval(values, seed=SEED))


def describe_ranking(sheet: RankingSheet, scope: str) -> dict[str, Any]:
    """For a file: every figure with its n, interval and what it rests on."""

    def told(estimate: Estimate | None) -> dict[str, Any] | None:
        return estimate and {"value": estimate.value, "ci": estimate.interval}

    def share(found: Share) -> dict[str, Any]:
        return {"value": found.value, "n": found.n, "ci": found.interval}

    def ranking(found: Ranking, reason: str) -> dict[str, Any]:
        effects = {name: told(effect) for name, effect in found.effects.items()}
        return {"reason": reason or None, "n": found.n, "resamples": found.resamples, "ties": told(found.ties)} | {
            "effects": effects
        }

    alpha = sheet.agreement
    return {
        "method": METHOD,
        "scope": scope or "ALL",
        "answers": sheet.answers,
        "pairs": sheet.pairs,
        "reviewers": sheet.reviewers,
        "between_policies": sheet.between,
        "within_one_policy": sheet.within,
        "left_out_in_hindsight": sheet.hindsight,
        "rubric_versions": list(sheet.rubric_versions),
        "choices": sheet.choices,
        "policies": [
            {
                "policy": each.policy,
                "n": each.n,
                "wins": each.wins,
                "losses": each.losses,
                "ties": each.ties,
                "both_bad": each.both_bad,
                "strength": told(each.plain),
                "strength_controlled": told(each.controlled),
            }
            for each in sheet.standings
        ],
        "plain": ranking(sheet.plain, sheet.reason),
        "controls": list(sheet.controls),
        "controlled": ranking(sheet.controlled, sheet.controlled_reason),
        "rankable_groups": [list(group) for group in sheet.groups],
        "prefers_the_longer": share(sheet.longer),
        "prefers_the_left": share(sheet.left),
        "alpha_nominal": {
            "value": alpha.value,
            "ci": alpha.interval,
            "pairs": alpha.items,
            "reviewers": alpha.raters,
            "answers": alpha.ratings,
            "reason": alpha.reason and str(alpha.reason),
        },
    }
