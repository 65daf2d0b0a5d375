"""Growing a chunk of a run, case by case."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from datasets.models import RunCase, RunChunk
from datasets.services import chunks
from datasets.services.run_import import COUNTED
from datasets.services.storing import TreeToStore, store_trees, tree_fields
from medaction.domain.case import Case


@dataclass(frozen=True, slots=True)
class PendingCase:
    """A case of the chunk without a tree."""

    row: RunCase
    case: Case


def claim_chunk(*, chunk_id: str, worker: str) -> RunChunk | None:
    """None when the chunk does not wait, or its run is paused or over."""
    return chunks.claim(model=RunChunk, chunk_id=chunk_id, worker=worker)


def list_pending(*, chunk: RunChunk) -> list[PendingCase]:
    """In their order. What failed is not tried again by itself."""
    return [PendingCase(row, Case.from_dict(row.case.payload)) for row in chunks.list_undone(chunk)]


def commit_tree(*, chunk: RunChunk, row: RunCase, tree: TreeToStore, seconds: float) -> bool:
    """Store one tree with its scores and verdicts. False, and nothing is written: this attempt may not go on."""
    with transaction.atomic():
        if not chunks.touch(chunk):
            return False
        run = chunk.run
        stored = store_trees(run=run, selection=run.selections.order_by("created_at")[0], trees=[tree])
        values = tree_fields(tree, stored.trajectories[tree.case_id])
        RunCase.objects.filter(pk=row.pk).update(**values)
        counts: dict[str, Any] = {
            "grown_count": F("grown_count") + 1,
            "node_count": F("node_count") + stored.nodes,
            "branch_count": F("branch_count") + stored.branches,
            **{field: F(field) + stored.verdicts[kind] for kind, field in COUNTED.items()},
        }
        return chunks.count(run, counts, seconds)
