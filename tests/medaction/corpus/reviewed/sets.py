"""Review sets written out by hand: three turns of one teaching case, judged by three people who do not always agree."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from medaction.corpus.reviewed import JudgedTree, Judgement, Nature, Pass, ReviewSet, Rubric, Step, write_review_set
from medaction.corpus.reviewed.review_set import Gold
from medaction.domain.case import Case
from tests.medaction.corpus.runs import grow_by_hand

ENVIRONMENT = {"horizon": 5, "menu_visible": False}
RIGHT, ASTRAY, WRONG = 5, 6, 7
"""The leaves of ``grow_by_hand``: turns at the nodes 1, 3, 5; 1, 6; and 7."""
RUBRIC = Rubric("steps v1", "a" * 64)


def judge(
    rater: str, labels: Sequence[int | None], leaf: int = RIGHT, stage: Pass = Pass.SECOND, **values
) -> Judgement:
    """``labels`` of turn 2, 3 and so on."""
    steps = {number: Step(label) for number, label in enumerate(labels, start=2)}
    fields = {"month": "2026-11", "seconds": 90, "steps": steps, **values}
    return Judgement(rater, leaf, stage, **fields)


def judged_tree(case: Case, judgements: Sequence[Judgement] = (), **values) -> JudgedTree:
    record = grow_by_hand(case)
    return JudgedTree(
        f"key-{case.id}",
        case.id,
        case.content_hash,
        "by-hand",
        ENVIRONMENT,
        record.nodes,
        judgements=tuple(judgements),
        **values,
    )


def write_set(path: Path, cases: Sequence[Case], trees: Sequence[JudgedTree], **values) -> ReviewSet:
    fields = {"rubric": RUBRIC, "nature": Nature.EXPERT, **values}
    return write_review_set(path, cases=cases, trees=trees, **fields)


def gold(**found: tuple[int, int]) -> Mapping[str, Gold]:
    return {rater: Gold(*numbers) for rater, numbers in found.items()}
