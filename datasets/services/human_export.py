"""People's walkthroughs as run directories of `medaction bench`: one a reader, and one of all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from datasets.selectors.human_records import LABEL, HumanRecords, list_human_records
from datasets.services.errors import RunRefused
from medaction.bench.run import describe_run
from medaction.bench.runs import make_bench_manifest, start_bench_run
from medaction.distill.runs import RunError, hold_run
from medaction.knowledge import KnowledgeGraph

POOLED = "pooled"


def export_human_runs(*, path: Path, graph: KnowledgeGraph, source: str = "") -> dict[str, Any]:
    """Write ``path/<pseudonym>`` and ``path/pooled``, and return how many records each has, and what was left out.

    Raises :class:`RunRefused` when nobody has finished a walkthrough or the folder holds something, and ``OSError``.
    """
    found = list_human_records(graph=graph, source=source)
    if not found.by_reader:
        raise RunRefused("Nobody has finished a walkthrough of their own yet, so there is no record to write.")
    if path.exists() and any(path.iterdir()):
        raise RunRefused(f"{path} holds something already. Name a new directory.")
    runs = {**found.by_reader, POOLED: found.pool()}
    for name, records in runs.items():
        label = f"{LABEL}, {len(found.by_reader)} readers" if name == POOLED else f"{LABEL} ({name})"
        _write(path / name, records, found, graph, label=label, source=source)
    return {"records": {name: len(records) for name, records in runs.items()}, "left_out": found.left_out}


def _write(
    path: Path,
    records: Sequence[dict[str, Any]],
    found: HumanRecords,
    graph: KnowledgeGraph,
    *,
    label: str,
    source: str,
) -> None:
    cases = [found.cases[name] for name in sorted({record["id"] for record in records})]
    samples = max(record["sample"] for record in records) + 1
    about = {**describe_run(graph, found.settings), "samples": samples, "human": True, "left_out": found.left_out}
    policy = {"name": "human", "label": label, "settings": {"mode": "Drive", "first_walkthrough_only": True}}
    manifest = make_bench_manifest(cases, source=source or "walkthroughs", policy=policy, about=about)
    try:
        run = start_bench_run(path, manifest)
    except RunError as error:
        raise RunRefused(str(error)) from error
    with hold_run(path), run.writer() as lines:
        for record in records:
            lines.append(orjson.dumps({**record, "policy": label}))
    run.write_report()
