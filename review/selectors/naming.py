"""Pairs of names that wait for a person's word, and what people, the judge and concept match said of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from review.models import HumanRuling, JudgeRuling, NamePair, Reviewer

ENOUGH = 2
"""So many people say what they think of a pair."""
Draw, Ruling = HumanRuling.Draw, HumanRuling.Ruling


@dataclass(frozen=True, slots=True)
class Served:
    pair: NamePair
    drawn: str


@dataclass(frozen=True, slots=True)
class RuledPair:
    """``judge`` is one judge's ruling; ``human`` what all people who were sure said, None where they differ or nobody
    was; ``uniform``: somebody drew it uniformly."""

    pair: NamePair
    judge: str
    human: str | None
    people: int
    uniform: bool


def list_open_names(reviewer: Reviewer) -> QuerySet[NamePair]:
    """Those that this reviewer has not ruled on and that too few others have."""
    mine = HumanRuling.objects.filter(pair=OuterRef("pk"), reviewer=reviewer)
    counted = NamePair.objects.annotate(people=Count("human_rulings"))
    return counted.filter(~Exists(mine), people__lt=ENOUGH)


def find_next_names(reviewer: Reviewer) -> Served | None:
    """By turns a disputed pair and one drawn uniformly from all, so that there is a fair sample. Three queries."""
    waiting = list_open_names(reviewer)
    said = HumanRuling.objects.filter(reviewer=reviewer).count()
    disputed = waiting.filter(disputed=True).order_by("draw").first() if said % 2 == 0 else None
    if disputed is not None:
        return Served(disputed, Draw.DISPUTED)
    drawn = waiting.order_by("draw").first()
    return Served(drawn, Draw.UNIFORM) if drawn is not None else None


def list_judges() -> list[dict[str, Any]]:
    """``judge``, ``prompt_hash``, ``n``: whose rulings are here, those with the most first."""
    rows = JudgeRuling.objects.values("judge", "prompt_hash").annotate(n=Count("pk"))
    return list(rows.order_by("-n", "judge"))


def list_ruled(judge: str, prompt_hash: str) -> list[RuledPair]:
    """Two queries."""
    rulings = JudgeRuling.objects.filter(judge=judge, prompt_hash=prompt_hash)
    said: dict[int, list[HumanRuling]] = {}
    for each in HumanRuling.objects.filter(pair__in=rulings.values("pair")):
        said.setdefault(each.pair_id, []).append(each)
    return [
        _ruled(ruling, said.get(ruling.pair_id, ())) for ruling in rulings.select_related("pair").order_by("pair__draw")
    ]


def count_people() -> dict[str, int]:
    """How many pairs there are, how many people have ruled on, and how many are disputed. One query."""
    return NamePair.objects.aggregate(
        pairs=Count("pk", distinct=True),
        seen=Count("pk", distinct=True, filter=Q(human_rulings__isnull=False)),
        disputed=Count("pk", distinct=True, filter=Q(disputed=True)),
    )


def _ruled(ruling: JudgeRuling, said: Iterable[HumanRuling]) -> RuledPair:
    people = list(said)
    sure = {each.ruling for each in people if each.ruling != Ruling.UNSURE}
    uniform = any(each.drawn == Draw.UNIFORM for each in people)
    return RuledPair(ruling.pair, ruling.ruling, sure.pop() if len(sure) == 1 else None, len(people), uniform)
