"""`medaction distill show`: one tree as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from medaction.cli.app import fail, print_json
from medaction.cli.distill import FAULTS, distill
from medaction.cli.distill_score import Folder, Json
from medaction.distill.judging import TreeScores, TreeVerdicts
from medaction.distill.pruning import BranchVerdict
from medaction.distill.record import LeafEnd, TreeRecord
from medaction.distill.runs import Run, open_run
from medaction.domain.actions import TestOrder
from medaction.domain.branch import read_observation, read_turn
from medaction.domain.observation import Outcome
from medaction.domain.tree import Node, NodeKind, TrajectoryTree

MARKS = {"RETAINED": "●", "TRUNCATED": "◐", "REJECTED": "○", "NOT_ASSESSABLE": "?"}


@distill.command()
def show(
    folder: Folder,
    case: Annotated[str, typer.Argument(help="The id of a case of the run.")],
    as_json: Json = False,
) -> None:
    """The tree of one case, with what pruning decided where there are verdicts. Shows the truth."""
    try:
        run = open_run(folder)
        record = next((tree for tree in run.trees() if tree.case == case), None)
        if record is None:
            fail(f"{folder} has no tree of {case!r}{_hint(run, case)}")
        scores = next((one for one in run.scores() if one.case == case), None)
        verdicts = next((one for one in run.verdicts() if one.case == case), None)
    except FAULTS as error:
        fail(str(error))
    if as_json:
        print_json(
            {
                "tree": record.to_dict(),
                "scores": scores and scores.to_dict(),
                "verdicts": verdicts and verdicts.to_dict(),
            }
        )
        return
    truth = run.cases()[case].diagnosis.text
    for line in draw_tree(record, truth, scores, verdicts):
        print(line)


def _hint(run: Run, case: str) -> str:
    return "; its turn has not come yet" if case in run.cases() else "; `cases.jsonl` lists the cases of the run"


def draw_tree(
    record: TreeRecord, truth: str, scores: TreeScores | None, verdicts: TreeVerdicts | None
) -> Iterator[str]:
    """Lines of text; a turn and what it brought are one entry."""
    ends = {leaf.seq: leaf.end for leaf in record.leaves}
    decided: dict[int, BranchVerdict] = {v.leaf: v for v in verdicts.verdicts if v.leaf is not None} if verdicts else {}
    tree = record.tree()
    yield f"{record.case} · policy {record.policy} · seed {record.seed} · {len(record.nodes)} nodes · truth: {truth}"
    first = read_observation(tree[0])
    yield f"[0] {''.join(segment.text for segment in first.segments).strip()}"
    yield from _draw_children(tree, tree[0], "", ends, decided)
    if decided:
        yield "● retained  ◐ truncated: the turns before t*  ○ rejected  ? not assessable"
    elif scores is None:
        yield "Not scored yet: medaction distill score, then prune."


def _draw_children(
    tree: TrajectoryTree, parent: Node, indent: str, ends: dict[int, LeafEnd], decided: dict[int, BranchVerdict]
) -> Iterator[str]:
    turns = [node for node in tree if node.parent_seq == parent.seq]
    for node in turns:
        last = node is turns[-1]
        inner = indent + ("    " if last else "│   ")
        yield f"{indent}{'└── ' if last else '├── '}{_turn(node)}"
        after = next((child for child in tree if child.parent_seq == node.seq), None)
        if after is not None and after.kind is NodeKind.OBSERVATION:
            yield from (f"{inner}    {line}" for line in _results(after))
        leaf = node if after is None else after
        if leaf.seq in ends:
            yield f"{inner}    {_end(ends[leaf.seq], decided.get(leaf.seq))}"
        if after is not None:
            yield from _draw_children(tree, after, inner, ends, decided)


def _turn(node: Node) -> str:
    turn = read_turn(node)
    ideas = ", ".join(f"{h.dx}{'' if h.p is None else f' {h.p:.0%}'}" for h in turn.differential[:3])
    if turn.action is None:
        did = f"could not be read ({', '.join(turn.problems)})"
    elif isinstance(turn.action, TestOrder):
        did = f"orders {'; '.join(turn.action.tests)}"
    else:
        did = f"DIAGNOSIS {turn.action.dx}"
    return f"[{node.seq}] turn {node.content['number']}: {did}   ({ideas})"


def _results(node: Node) -> Iterator[str]:
    for result in read_observation(node).results:
        text = result.text.replace("\n", "; ") if result.outcome is Outcome.RESULT else result.outcome.value.lower()
        name = result.name or result.order
        yield f"→ {name}: {text if len(text) <= 160 else text[:159] + '…'}"


def _end(end: LeafEnd, verdict: BranchVerdict | None) -> str:
    told = end.value.lower()
    if verdict is None:
        return told
    values = ", ".join(
        f"{name.upper()} {'–' if verdict.values[name] is None else format(verdict.values[name], '.2f')}"
        for name in ("dtc", "rac")
    )
    star = "" if verdict.t_star is None else f", t* = {verdict.t_star}"
    return f"{MARKS[verdict.verdict]} {told} · {verdict.verdict} by {verdict.rule}{star} · {values}"
