"""A run of the database as a run directory of the command line, with the same content hashes."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from django.db import connection

from datasets.models import DistillationRun, RunCase, Selection
from datasets.services.errors import RunRefused
from medaction.distill.runs import SCORES, TREES, VERDICTS, RunError, hold_run, start_run
from medaction.domain.case import Case

BATCH = 200
NODES = """
SELECT trajectory_id, seq, parent_seq, kind, content::text, sampled, content_hash
FROM diagnosis_trajectorynode WHERE trajectory_id = ANY(%s) ORDER BY trajectory_id, seq
"""
SCORED = """
SELECT trajectory_id, detail::text FROM datasets_score
WHERE trajectory_id = ANY(%s) AND metric_version = %s ORDER BY trajectory_id, leaf_seq
"""
DECIDED = """
SELECT score.trajectory_id, score.leaf_seq, verdict.verdict, verdict.t_star, verdict.rule, verdict.kept,
    verdict."values"::text, score.metric_version, score.graph_hash
FROM datasets_verdict AS verdict JOIN datasets_score AS score ON score.id = verdict.score_id
WHERE verdict.selection_id = %s AND score.trajectory_id = ANY(%s) ORDER BY score.trajectory_id, score.leaf_seq
"""


def export_run(
    *,
    run: DistillationRun,
    path: Path,
    selection: Selection | None = None,
    until: datetime | None = None,
    scores: bool = True,
    go_on: Callable[[], None] = lambda: None,
) -> int:
    """Write the directory; how many trees. ``selection``: whose verdicts, else those that the run was grown with.

    ``until`` leaves out trees grown later, ``scores=False`` the scores, the larger half; ``go_on`` is called between
    batches and may raise. Raises :class:`RunRefused` for a folder with other things in it, ``OSError`` when it cannot
    be written.
    """
    selection = selection or run.selections.order_by("created_at").first()
    rows = list(run.cases.select_related("case").defer("case__search").order_by("position"))
    try:
        with hold_run(path):
            target = start_run(path, run.manifest, [Case.from_dict(row.case.payload) for row in rows])
            grown = _list_grown(run, rows, until)
            batches = partial(_batches, grown, go_on)
            target.replace(TREES, (line for batch in batches() for line in _trees(batch)))
            if run.metric_version:
                if scores:
                    target.replace(SCORES, (line for batch in batches() for line in _scores(run, batch)))
                target.replace(VERDICTS, (line for batch in batches() for line in _verdicts(selection, batch)))
    except RunError as error:
        raise RunRefused(str(error)) from error
    return len(grown)


def _trees(batch: list[RunCase]) -> Iterator[dict[str, Any]]:
    nodes = _by_trajectory(NODES, [[row.trajectory_id for row in batch]])
    names = ("seq", "parent_seq", "kind", "content", "sampled", "content_hash")
    for row in batch:
        yield {
            "case": row.case.slug,
            "case_hash": row.case.content_hash,
            "group": row.case.group_key,
            "policy": row.policy,
            "seed": row.seed,
            "nodes": [
                {**dict(zip(names, node, strict=True)), "content": orjson.Fragment(node[3])}
                for node in nodes.get(row.trajectory_id, ())
            ],
            "leaves": row.leaves,
            "rejected": row.rejected,
            "usage": row.usage,
        }


def _scores(run: DistillationRun, batch: list[RunCase]) -> Iterator[dict[str, Any]]:
    scores = _by_trajectory(SCORED, [[row.trajectory_id for row in batch], run.metric_version])
    for row in batch:
        branches = [orjson.Fragment(detail) for (detail,) in scores.get(row.trajectory_id, ())]
        yield {"case": row.case.slug, "policy": row.policy, "branches": branches}


def _verdicts(selection: Selection, batch: list[RunCase]) -> Iterator[dict[str, Any]]:
    verdicts = _by_trajectory(DECIDED, [selection.pk, [row.trajectory_id for row in batch]])
    names = ("leaf", "verdict", "t_star", "rule", "kept", "values", "metric_version", "graph")
    for row in batch:
        yield {
            "case": row.case.slug,
            "policy": row.policy,
            "verdicts": [
                {**dict(zip(names, verdict, strict=True)), "values": orjson.Fragment(verdict[5])}
                for verdict in verdicts.get(row.trajectory_id, ())
            ],
            "thresholds": selection.thresholds,
        }


def _by_trajectory(statement: str, values: list[Any]) -> dict[Any, list[tuple[Any, ...]]]:
    """Rows without their first column, which groups them. JSON stays text: it is only passed on."""
    found: dict[Any, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for trajectory_id, *row in cursor.fetchall():
            found.setdefault(trajectory_id, []).append(tuple(row))
    return found


def _list_grown(run: DistillationRun, rows: list[RunCase], until: datetime | None) -> list[RunCase]:
    if until is None:
        return [row for row in rows if row.trajectory_id is not None]
    then = set(run.cases.filter(trajectory__created_at__lte=until).values_list("pk", flat=True))
    return [row for row in rows if row.pk in then]


def _batches(rows: list[RunCase], go_on: Callable[[], None]) -> Iterator[list[RunCase]]:
    for start in range(0, len(rows), BATCH):
        go_on()
        yield rows[start : start + BATCH]
