"""TRL prompt and completion, one row a turn: exact loss for trainers that only mask prompts."""

from collections.abc import Iterator, Mapping
from typing import Any

from .material import TreeMaterial, provenance
from .shapes import check_answer, check_messages, check_provenance, check_teachable


def rows(tree: TreeMaterial) -> Iterator[dict[str, Any]]:
    for branch in tree.branches:
        for turn in branch.kept_turns:
            if turn.learnable:
                yield {
                    **provenance(tree, turn.seq, branch.verdict),
                    **branch.tell(turn),
                    "prompt": [dict(message) for message in branch.messages[: turn.message]],
                    "completion": [{"role": "assistant", "content": turn.text}],
                }


def check(row: Mapping[str, Any]) -> None:
    check_provenance(row)
    check_messages(row.get("prompt"), column="prompt", ends_with="user")
    check_answer(row.get("completion"), column="completion")
    check_teachable(row["completion"][0]["content"], where="the completion")


def count_turns(row: Mapping[str, Any]) -> int:
    return 1
