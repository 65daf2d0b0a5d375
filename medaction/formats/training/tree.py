"""Whole trees, one row a tree: nodes, scores and verdicts, rejected branches too. For analysis, not to train on."""

from collections.abc import Iterator, Mapping
from typing import Any

from medaction.domain.tree import Node, NodeKind, TrajectoryTree, TreeError

from .material import TreeMaterial, provenance
from .shapes import RowFaultError, check_provenance


def rows(tree: TreeMaterial) -> Iterator[dict[str, Any]]:
    yield {
        **provenance(tree, "tree", "all"),
        **tree.record,
        "branches": tree.scores(),
        "verdicts": tree.verdicts,
    }


def check(row: Mapping[str, Any]) -> None:
    check_provenance(row)
    try:
        tree = TrajectoryTree(Node.from_dict(node) for node in row["nodes"])
        tree.verify()
    except (KeyError, TypeError, ValueError) as error:
        reason = str(error) if isinstance(error, TreeError) else repr(error)
        raise RowFaultError(f"the tree is not whole: {reason}") from error
    leaves = {verdict.get("leaf") for verdict in row.get("verdicts", ())}
    if not leaves <= {node.seq for node in tree}:
        raise RowFaultError("a verdict is about a node that the tree does not have")


def count_turns(row: Mapping[str, Any]) -> int:
    return sum(node["kind"] == NodeKind.TURN for node in row["nodes"])
