"""TRL conversational SFT, one row a branch: ``messages``, and ``loss``, which says which of them to learn from.

The worked example at the head of the prompt is never learned from, nor a turn that no model wrote or nobody could
read, nor one that an earlier branch of the same tree has taught already: siblings share their beginnings.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .material import TreeMaterial, provenance
from .shapes import RowFaultError, check_messages, check_provenance, check_teachable


def rows(tree: TreeMaterial) -> Iterator[dict[str, Any]]:
    for branch in tree.branches:
        messages = branch.kept_messages
        learned = {turn.message for turn in branch.kept_turns if turn.learnable}
        if learned:
            yield {
                **provenance(tree, branch.leaf, branch.verdict),
                **branch.told,
                "messages": [dict(message) for message in messages],
                "loss": [place in learned for place in range(len(messages))],
            }


def check(row: Mapping[str, Any]) -> None:
    check_provenance(row)
    check_messages(row.get("messages"), column="messages", ends_with="assistant")
    loss = row.get("loss")
    if not isinstance(loss, list) or len(loss) != len(row["messages"]) or not any(loss):
        raise RowFaultError("column 'loss' must say of each message whether it is learned, and of some that it is")
    for place, message in enumerate(row["messages"]):
        if loss[place] and message["role"] != "assistant":
            raise RowFaultError(f"message {place} is learned from, but the model does not write it")
        if loss[place]:
            check_teachable(message["content"], where=f"message {place}")


def count_turns(row: Mapping[str, Any]) -> int:
    return sum(row["loss"])
