"""Which edges of the graph the metrics of an item's branch rest on, kept for whoever judged it."""

from typing import Any

from diagnosis.models import TrajectoryNode
from diagnosis.selectors.branch import get_branch
from diagnosis.services.planning import load_case
from medaction.domain.branch import Branch
from medaction.domain.tree import Node, NodeKind, TreeError
from medaction.knowledge.model import nearest_band
from medaction.metrics import METRIC_VERSION, BranchScorer, UsedEdge
from review.models import EdgeTrace, ReviewItem

UNREADABLE = "This work-up cannot be read as the metrics read one: {fault}."


def trace_item(*, item: ReviewItem, scorer: BranchScorer) -> EdgeTrace:
    """Worked out once for an item, graph and metric version."""
    place = {"item": item, "graph_hash": scorer.graph.hash, "metric_version": METRIC_VERSION}
    known = EdgeTrace.objects.filter(**place).first()
    if known is not None:
        return known
    nodes = get_branch(trajectory_id=item.trajectory_id, leaf_seq=item.leaf_seq)
    try:
        branch = Branch.from_nodes([_node(node) for node in nodes])
        used = scorer.trace(branch, load_case(item.trajectory.case_id))
    except TreeError as fault:
        values: dict[str, Any] = {"error_message": UNREADABLE.format(fault=fault)[:400]}
    else:
        values = {"edges": [describe_edge(edge) for edge in used]}
    return EdgeTrace.objects.get_or_create(**place, defaults=values)[0]


def describe_edge(edge: UsedEdge) -> dict[str, Any]:
    """One row of a trace, as JSON."""
    return {
        "source": edge.source.id,
        "relation": edge.relation.upper(),
        "target": edge.target.id,
        "source_name": edge.source.name,
        "target_name": edge.target.name,
        "turns": list(edge.turns),
        "told": list(edge.told),
        "argues": edge.argues,
        "stated": {
            "p": edge.p,
            "band": None if edge.p is None else nearest_band(edge.p),
            "sources": list(edge.sources),
            "references": list(edge.references),
        },
    }


def _node(node: TrajectoryNode) -> Node:
    kind = NodeKind(node.kind)
    return Node(node.seq, node.parent_seq, kind, node.content, node.sampled, node.content_hash)
