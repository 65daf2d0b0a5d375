"""Run directories as the command line writes them."""

from dataclasses import replace
from pathlib import Path

from medaction.distill.manifest import make_manifest
from medaction.distill.pruning import Thresholds
from medaction.distill.runs import SCORES, TREES, VERDICTS, start_run
from medaction.distill.shape import GrowthConfig
from medaction.domain.case import Case
from medaction.formats.teaching import load_teaching_cases
from tests.datasets.trees import GRAPH, make_record, make_scores, make_verdicts

THRESHOLDS = Thresholds().to_dict()


def list_cases(count: int) -> list[Case]:
    shipped = load_teaching_cases()
    moulds = (shipped[number % len(shipped)] for number in range(count))
    return [replace(mould, id=f"run-{number:04}", group_key=f"run-{number:04}") for number, mould in enumerate(moulds)]


def write_directory(path: Path, count: int = 3, *, grown: int | None = None, judged: bool = True) -> list[Case]:
    """A run of ``count`` cases, of which the first ``grown`` have a tree."""
    cases = list_cases(count)
    policy = {"name": "test", "label": "Test policy", "settings": {}}
    manifest = make_manifest(cases, source="made", policy=policy, graph=GRAPH, config=GrowthConfig(), seed=1)
    run = start_run(path, manifest, cases)
    records = [make_record(case) for case in cases[:grown]]
    scores = [make_scores(record) for record in records]
    run.replace(TREES, records)
    if judged:
        ids = [(record["case"], record["policy"]) for record in records]
        run.replace(SCORES, ({"case": c, "policy": p, "branches": s} for (c, p), s in zip(ids, scores, strict=True)))
        run.replace(
            VERDICTS,
            (
                {"case": c, "policy": p, "verdicts": make_verdicts(s), "thresholds": THRESHOLDS}
                for (c, p), s in zip(ids, scores, strict=True)
            ),
        )
    return cases
