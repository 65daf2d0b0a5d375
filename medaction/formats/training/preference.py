"""TRL DPO, one row a decided pair of sibling turns: ``prompt``, ``chosen``, ``rejected``."""

from collections.abc import Iterator, Mapping
from typing import Any

from .material import TreeMaterial, provenance
from .shapes import RowFaultError, check_answer, check_messages, check_provenance, check_teachable


def rows(tree: TreeMaterial) -> Iterator[dict[str, Any]]:
    for pair in tree.preferences():
        yield {
            **provenance(tree, f"{pair.chosen_seq}>{pair.rejected_seq}", "preferred"),
            **pair.told,
            "prompt": [dict(message) for message in pair.prompt],
            "chosen": [{"role": "assistant", "content": pair.chosen}],
            "rejected": [{"role": "assistant", "content": pair.rejected}],
            "margin": pair.margin,
            "reason": pair.reason,
        }


def check(row: Mapping[str, Any]) -> None:
    check_provenance(row)
    check_messages(row.get("prompt"), column="prompt", ends_with="user")
    for column in ("chosen", "rejected"):
        check_answer(row.get(column), column=column)
    if row["chosen"] == row["rejected"]:
        raise RowFaultError("what is chosen and what is rejected are the same")
    if not isinstance(row.get("margin"), float) or row["margin"] <= 0:
        raise RowFaultError("column 'margin' must be above 0")
    check_teachable(row["chosen"][0]["content"], where="what is chosen")


def count_turns(row: Mapping[str, Any]) -> int:
    return 1
