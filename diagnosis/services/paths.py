"""A whole path as the nodes of a trajectory that never branches."""

from typing import Any

from diagnosis.services.appending import describe_turn
from medaction.domain.actions import FinalDiagnosis, Turn
from medaction.domain.branch import FIRST_TURN
from medaction.domain.tree import NodeKind, hash_node


def lay_nodes(branch: dict[str, Any], *, model: str, model_label: str) -> list[dict[str, Any]]:
    """The nodes of a benchmark record's ``branch`` (``{"first", "steps": [{"turn", "text", …}]}``), as
    ``medaction.domain.tree.Node.to_dict()``; after a final diagnosis comes no observation."""
    nodes: list[dict[str, Any]] = []

    def lay(kind: NodeKind, content: dict[str, Any], *, sampled: bool) -> None:
        before = nodes[-1] if nodes else None
        nodes.append(
            {
                "seq": len(nodes),
                "parent_seq": before and before["seq"],
                "kind": kind.value,
                "content": content,
                "sampled": sampled,
                "content_hash": hash_node(before and before["content_hash"], kind, content, sampled=sampled),
            }
        )

    lay(NodeKind.OBSERVATION, branch["first"], sampled=False)
    for number, step in enumerate(branch["steps"], start=FIRST_TURN):
        turn = Turn.from_dict(step["turn"])
        content = describe_turn(
            number=number,
            text=step["text"],
            turn=turn,
            model=model,
            model_label=model_label,
            rejected_text=step["rejected"],
        )
        lay(NodeKind.TURN, content, sampled=step["sampled"])
        if not (turn.valid and isinstance(turn.action, FinalDiagnosis)):
            lay(NodeKind.OBSERVATION, step["observation"], sampled=False)
    return nodes
