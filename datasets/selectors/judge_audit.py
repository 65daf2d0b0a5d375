"""A model judge beside concept match and beside people, over the pairs of names that are here."""

from dataclasses import dataclass
from typing import Any

from medaction.bench.judging import Pair, Ruling, report_agreement
from medaction.bench.judging.agreement import side_of
from medaction.bench.judging.rows import JudgedPair
from medaction.metrics.judge import Verdict
from review.selectors.naming import RuledPair, count_people, list_judges, list_ruled

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two who judge: ``figures`` are ``medaction.bench.judging.compare_judges``."""

    title: str
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JudgeSheet:
    """``sample`` is of pairs that somebody drew uniformly, so it is fair; ``disputed`` of those that concept match and
    the judge see differently, where people decide who was right. ``open``: disputed pairs without a clear word.
    """

    judge: str
    prompt_hash: str
    pairs: int
    with_people: int
    undecided: int
    silent: dict[str, int]
    sample: tuple[Comparison, ...]
    right: dict[str, int]
    open: int
    rows: tuple[RuledPair, ...]


def list_sheets() -> list[JudgeSheet]:
    """One a judge and wording. Two queries each, and one."""
    return [_sheet(row["judge"], row["prompt_hash"]) for row in list_judges()]


def get_counts() -> dict[str, int]:
    return count_people()


def _sheet(judge: str, prompt_hash: str) -> JudgeSheet:
    ruled = list_ruled(judge, prompt_hash)
    told = {_pair(each): Ruling(each.judge.lower()) for each in ruled}
    report = report_agreement([_row(each, human=each.uniform) for each in ruled], told)
    disputed = [each for each in ruled if _is_disputed(each)]
    right = {"judge": 0, "concept": 0}
    for each in disputed:
        if each.human is not None:
            right["judge" if each.human == each.judge else "concept"] += 1
    return JudgeSheet(
        judge=judge,
        prompt_hash=prompt_hash,
        pairs=len(ruled),
        with_people=sum(each.human is not None for each in ruled),
        undecided=report["undecided"],
        silent=report["where_concept_match_is_silent"],
        sample=(
            Comparison("Judge and people", report["judge_vs_human"]),
            Comparison("Concept match and people", report["concept_vs_human"]),
            Comparison("Judge and concept match", report["judge_vs_concept"]),
        ),
        right=right,
        open=len(disputed) - sum(right.values()),
        rows=tuple(disputed[:SHOWN]),
    )


def _is_disputed(each: RuledPair) -> bool:
    """What concept match cannot decide counts as not the same."""
    return each.judge != "UNDECIDED" and each.judge.lower() != (side_of(each.pair.verdict) or "different")


def _row(each: RuledPair, *, human: bool) -> JudgedPair:
    verdict = Verdict(each.pair.verdict) if each.pair.verdict else None
    said = Ruling(each.human.lower()) if human and each.human else None
    return JudgedPair(_pair(each), verdict, said)


def _pair(each: RuledPair) -> Pair:
    return Pair(each.pair.truth, each.pair.given, tuple(each.pair.aliases))
