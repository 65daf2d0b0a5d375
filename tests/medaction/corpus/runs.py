"""Runs on disk, grown by hand: what the policy says is written here, what it is answered comes from the environment."""

from collections.abc import Sequence
from pathlib import Path

from medaction.distill.judging import TreeScores, TreeVerdicts
from medaction.distill.manifest import make_manifest
from medaction.distill.pruning import BranchVerdict, Rule, Thresholds, Verdict
from medaction.distill.record import Leaf, LeafEnd, TreeRecord
from medaction.distill.runs import SCORES, TREES, VERDICTS, Run, start_run
from medaction.distill.shape import GrowthConfig
from medaction.domain.actions import Action, FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.case import Case
from medaction.domain.environment import Environment
from medaction.domain.transcript import render_turn
from medaction.domain.tree import Node, NodeKind, TrajectoryTree
from medaction.formats.teaching import load_teaching_cases
from medaction.metrics import BranchScore

WORTH = (0.9, 0.6, 0.1)
POLICY = {"name": "by-hand", "label": "Written by hand", "settings": {}}


def some_cases(count: int) -> list[Case]:
    return list(load_teaching_cases()[:count])


def say(dx: str, action: Action) -> Turn:
    differential = (Hypothesis(dx, 0.6, ("o1.1",)), Hypothesis("Malaria", 0.2))
    return Turn(f"I think of {dx.lower()} first, because of how it began.", differential, action)


def grow_by_hand(case: Case) -> TreeRecord:
    """Three branches: right (two orders, then the truth), cut short after a good order, wrong at once.

    The first two share their first turn.
    """
    tree = TrajectoryTree()
    root = tree.append(None, NodeKind.OBSERVATION, Environment(case).reset().to_dict())
    truth, items = case.diagnosis.text, [item.name for item in case.menu]
    first = say(truth, TestOrder((items[0],)))
    shared = _answered(tree, root, case, (first,))
    second = say(truth, TestOrder((items[1],)))
    deeper = _answered(tree, shared, case, (first, second))
    right = _turn(tree, deeper, 4, say(truth, FinalDiagnosis(truth)))
    astray = _turn(tree, shared, 3, say("Scurvy", FinalDiagnosis("Scurvy")))
    wrong = _turn(tree, root, 2, say("Plague", FinalDiagnosis("Plague")))
    leaves = tuple(Leaf(node.seq, LeafEnd.TERMINATED) for node in (right, astray, wrong))
    usage = {"turns": 5, "format_failures": 0}
    return TreeRecord(case.id, case.content_hash, case.group_key, "by-hand", 1, tuple(tree), leaves, (), usage)


def _turn(tree: TrajectoryTree, parent: Node, number: int, turn: Turn) -> Node:
    content = {
        "number": number,
        "text": render_turn(turn),
        "turn": turn.to_dict(),
        "problems": [],
        "format_failure": False,
        "model": "by-hand",
        "model_label": "Written by hand",
    }
    return tree.append(parent, NodeKind.TURN, content, sampled=True)


def _answered(tree: TrajectoryTree, parent: Node, case: Case, turns: Sequence[Turn]) -> Node:
    environment = Environment(case)
    environment.reset()
    for turn in turns:
        result = environment.step(turn.action)
    node = _turn(tree, parent, len(turns) + 1, turns[-1])
    return tree.append(node, NodeKind.OBSERVATION, result.observation.to_dict())


def score_by_hand(record: TreeRecord) -> TreeScores:
    """What the branches of :func:`grow_by_hand` are worth: the first the most."""
    branches = tuple(
        BranchScore(leaf.seq, "by-hand", "0" * 64, worth, worth, 1.0, 0.75, place == 0)
        for place, (leaf, worth) in enumerate(zip(record.leaves, WORTH, strict=True))
    )
    return TreeScores(record.case, record.policy, branches)


def prune_by_hand(record: TreeRecord) -> TreeVerdicts:
    """What :func:`grow_by_hand` says of its three branches."""
    kinds = (
        (Verdict.RETAINED, None, Rule.SOUND, 3),
        (Verdict.TRUNCATED, 3, Rule.WRONG_END, 1),
        (Verdict.REJECTED, 2, Rule.DIVERGENT, 0),
    )
    verdicts = tuple(
        BranchVerdict(
            verdict, fault, rule, {"dtc": worth, "rac": worth, "coverage": 0.75}, "by-hand", "0" * 64, leaf.seq, kept
        )
        for leaf, worth, (verdict, fault, rule, kept) in zip(record.leaves, WORTH, kinds, strict=True)
    )
    return TreeVerdicts(record.case, record.policy, verdicts, Thresholds())


def write_run(folder: Path, cases: Sequence[Case], *, seed: int = 0, pruned: bool = True) -> Run:
    manifest = make_manifest(cases, source="by hand", policy=POLICY, graph="0" * 64, config=GrowthConfig(), seed=seed)
    run = start_run(folder, manifest, cases)
    records = [grow_by_hand(case) for case in cases]
    run.replace(TREES, (record.to_dict() for record in records))
    run.replace(SCORES, (score_by_hand(record).to_dict() for record in records))
    if pruned:
        run.replace(VERDICTS, (prune_by_hand(record).to_dict() for record in records))
    return run
