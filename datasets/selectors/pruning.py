"""What other thresholds would decide, without writing anything."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
from django.db import connection

from datasets.models import DistillationRun
from medaction.distill.pruning import KEPT, BranchVerdict, Thresholds, prune
from medaction.metrics import BranchScore, TurnScore

BRIEF = ("number", "stated", "divergent", "rac", "grounding", "alignment")
"""The fields of a ``TurnScore`` that pruning reads."""
SCORES = """
SELECT score.id, score.leaf_seq, score.dtc, score.rac, score.grounding, score.coverage, score.correct,
    score.brief::text, score.metric_version, score.graph_hash, grown.case_id
FROM datasets_runcase AS grown JOIN datasets_score AS score USING (trajectory_id)
WHERE grown.run_id = %s AND score.metric_version = %s AND score.graph_hash = %s
ORDER BY grown.position, score.leaf_seq
"""
DIAGNOSES = """
SELECT diagnosed.id, lower(diagnosed.payload #>> '{diagnosis,text}')
FROM diagnosis_case AS diagnosed JOIN datasets_runcase AS grown ON grown.case_id = diagnosed.id
WHERE grown.run_id = %s
"""


@dataclass
class PruneSheet:
    """Counts over all branches of a run. ``turns_kept`` is the mean over kept branches, None when none is kept."""

    branches: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    cases: int = 0
    cases_kept: int = 0
    diagnoses: int = 0
    diagnoses_kept: int = 0
    turns_kept: float | None = None

    @property
    def kept(self) -> int:
        return sum(self.verdicts[kind] for kind in KEPT)


def preview_pruning(run: DistillationRun, thresholds: Thresholds) -> PruneSheet:
    sheet = PruneSheet()
    seen: set[int] = set()
    kept: set[int] = set()
    turns = 0
    for _, case_id, verdict in decide(run, thresholds):
        sheet.branches += 1
        sheet.verdicts[verdict.verdict.value] += 1
        sheet.rules[verdict.verdict.value, verdict.rule.value] += 1
        seen.add(case_id)
        if verdict.verdict in KEPT:
            kept.add(case_id)
            turns += verdict.kept
    diagnoses = _diagnoses(run)
    sheet.cases, sheet.cases_kept = len(seen), len(kept)
    sheet.diagnoses = len({diagnoses[case_id] for case_id in seen})
    sheet.diagnoses_kept = len({diagnoses[case_id] for case_id in kept})
    sheet.turns_kept = turns / sheet.kept if sheet.kept else None
    return sheet


def decide(run: DistillationRun, thresholds: Thresholds) -> Iterator[tuple[int, int, BranchVerdict]]:
    """(score id, case id, verdict) for every scored branch, by the library's own rules."""
    with connection.cursor() as cursor:
        cursor.execute(SCORES, [run.pk, run.metric_version, run.graph_hash])
        while rows := cursor.fetchmany(2000):
            for score_id, leaf, dtc, rac, grounding, coverage, correct, brief, version, graph, case_id in rows:
                turns = tuple(TurnScore(**dict(zip(BRIEF, turn, strict=True))) for turn in orjson.loads(brief))
                score = BranchScore(leaf, version, graph, dtc, rac, grounding, coverage, correct, turns)
                yield score_id, case_id, prune(score, thresholds)


def _diagnoses(run: DistillationRun) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(DIAGNOSES, [run.pk])
        return dict(cursor.fetchall())
