"""Writing the tree: nodes are only ever added."""

from typing import Any

from diagnosis.models import Trajectory, TrajectoryNode
from medaction.domain.tree import NodeKind, hash_node


def append_node(
    trajectory: Trajectory, parent: TrajectoryNode | None, kind: NodeKind, content: dict[str, Any], *, sampled: bool
) -> TrajectoryNode:
    """Add a node below its parent, with its hash. The caller holds the session's lock."""
    newest = TrajectoryNode.objects.filter(trajectory=trajectory).order_by("-seq").values_list("seq", flat=True).first()
    return TrajectoryNode.objects.create(
        trajectory=trajectory,
        seq=0 if newest is None else newest + 1,
        parent_seq=None if parent is None else parent.seq,
        kind=kind.value,
        content=content,
        sampled=sampled,
        content_hash=hash_node(parent.content_hash if parent else None, kind, content, sampled=sampled),
    )
