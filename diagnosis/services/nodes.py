"""Writing the tree: nodes are only ever added."""

from typing import Any

from django.db.models import Max

from diagnosis.models import Trajectory, TrajectoryNode
from medaction.domain.tree import NodeKind, hash_node


def next_seq(trajectory: Trajectory) -> int:
    """The number that the next node gets. The caller holds the session's lock."""
    newest = TrajectoryNode.objects.filter(trajectory=trajectory).aggregate(Max("seq"))["seq__max"]
    return 0 if newest is None else newest + 1


def append_node(
    trajectory: Trajectory,
    seq: int,
    parent: TrajectoryNode | None,
    kind: NodeKind,
    content: dict[str, Any],
    *,
    sampled: bool,
) -> TrajectoryNode:
    """Add a node below its parent, with its hash."""
    return TrajectoryNode.objects.create(
        trajectory=trajectory,
        seq=seq,
        parent_seq=None if parent is None else parent.seq,
        kind=kind.value,
        content=content,
        sampled=sampled,
        content_hash=hash_node(parent.content_hash if parent else None, kind, content, sampled=sampled),
    )
