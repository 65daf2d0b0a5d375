"""ShareGPT, one row a kept branch: ``conversations`` of ``from`` and ``value``. It knows no loss mask."""

from collections.abc import Iterator, Mapping
from typing import Any

from .material import TreeMaterial, provenance
from .shapes import RowFaultError, check_messages, check_provenance

_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}
_ROLES = {speaker: role for role, speaker in _SPEAKERS.items()}


def rows(tree: TreeMaterial) -> Iterator[dict[str, Any]]:
    for branch in tree.branches:
        if messages := branch.kept_messages:
            yield {
                **provenance(tree, branch.leaf, branch.verdict),
                **branch.told,
                "conversations": [{"from": _SPEAKERS[m["role"]], "value": m["content"]} for m in messages],
            }


def check(row: Mapping[str, Any]) -> None:
    check_provenance(row)
    said = row.get("conversations")
    if not isinstance(said, list) or any(set(entry) != {"from", "value"} for entry in said):
        raise RowFaultError("column 'conversations' must be a list of 'from' and 'value'")
    messages = [{"role": _ROLES.get(entry["from"], "?"), "content": entry["value"]} for entry in said]
    check_messages(messages, column="conversations", ends_with="assistant")


def count_turns(row: Mapping[str, Any]) -> int:
    """The example's answer, which stands in every prompt, is none of the case's turns."""
    return sum(1 for entry in row["conversations"] if entry["from"] == "gpt") - 1
