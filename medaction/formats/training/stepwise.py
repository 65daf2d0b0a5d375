"""TRL stepwise supervision (process reward), one row a branch: ``prompt``, ``completions``, ``labels``.

A step is a turn; what the environment answered stands at the head of the next step. Steps end with the first fault.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .material import BranchMaterial, TaughtTurn, TreeMaterial, provenance
from .shapes import RowFaultError, check_provenance


def rows(tree: TreeMaterial) -> Iterator[dict[str, Any]]:
    for branch in tree.branches:
        judged = list(_judged(branch))
        if judged:
            yield {
                **provenance(tree, branch.leaf, branch.verdict),
                **branch.told,
                "prompt": _prompt(branch),
                "completions": [_step(branch, place) for place in range(len(judged))],
                "labels": [bool(turn.sound) for turn in judged],
            }


def _judged(branch: BranchMaterial) -> Iterator[TaughtTurn]:
    """Turns up to and with the first fault; nothing after a turn of which the verdict says nothing."""
    for turn in branch.turns:
        if turn.sound is None:
            return
        yield turn
        if not turn.sound:
            return


def _prompt(branch: BranchMaterial) -> str:
    return "\n\n".join(message["content"] for message in branch.messages[: branch.turns[0].message])


def _step(branch: BranchMaterial, place: int) -> str:
    turn = branch.turns[place]
    if place == 0:
        return turn.text
    answered = branch.messages[branch.turns[place - 1].message + 1 : turn.message]
    return "\n".join([*(message["content"] for message in answered), turn.text])


def check(row: Mapping[str, Any]) -> None:
    check_provenance(row)
    if not isinstance(row.get("prompt"), str) or not row["prompt"].strip():
        raise RowFaultError("column 'prompt' must be text")
    completions, labels = row.get("completions"), row.get("labels")
    if not isinstance(completions, list) or not isinstance(labels, list) or not completions:
        raise RowFaultError("columns 'completions' and 'labels' must be lists")
    if len(completions) != len(labels):
        raise RowFaultError(f"{len(completions)} completions have {len(labels)} labels")
    if not all(isinstance(step, str) and step.strip() for step in completions):
        raise RowFaultError("a completion is empty")
    if not all(isinstance(label, bool) for label in labels) or False in labels[:-1]:
        raise RowFaultError("labels must be true up to the first fault, which is the last step")


def count_turns(row: Mapping[str, Any]) -> int:
    return len(row["labels"])
