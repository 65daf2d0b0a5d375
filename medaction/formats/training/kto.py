"""TRL KTO, one row a judged turn: ``label`` is true where the verdict keeps the turn, false at the first fault."""

from collections.abc import Iterator, Mapping
from typing import Any

from .material import TreeMaterial, provenance
from .shapes import RowFaultError, check_answer, check_messages, check_provenance, check_teachable


def rows(tree: TreeMaterial) -> Iterator[dict[str, Any]]:
    """A turn that several branches share is judged once: kept anywhere is kept."""
    kept = {turn.seq for branch in tree.branches for turn in branch.turns if turn.good}
    written: set[int] = set()
    for branch in tree.branches:
        for turn in branch.turns:
            settled = turn.good or (turn.good is False and turn.seq not in kept)
            if settled and turn.sampled and turn.seq not in written:
                written.add(turn.seq)
                yield {
                    **provenance(tree, turn.seq, branch.verdict),
                    **branch.tell(turn),
                    "prompt": [dict(message) for message in branch.messages[: turn.message]],
                    "completion": [{"role": "assistant", "content": turn.text}],
                    "label": bool(turn.good),
                }


def check(row: Mapping[str, Any]) -> None:
    check_provenance(row)
    check_messages(row.get("prompt"), column="prompt", ends_with="user")
    check_answer(row.get("completion"), column="completion")
    if not isinstance(row.get("label"), bool):
        raise RowFaultError("column 'label' must be true or false")
    if row["label"]:
        check_teachable(row["completion"][0]["content"], where="the completion")


def count_turns(row: Mapping[str, Any]) -> int:
    return 1
