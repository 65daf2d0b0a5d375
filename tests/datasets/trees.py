"""Small trees whose every branch is known: four replies at the root, one of them merged."""

from typing import Any

from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.case import Case
from medaction.domain.environment import Environment
from medaction.domain.transcript import render_turn
from medaction.domain.tree import Node, NodeKind, TrajectoryTree
from medaction.metrics import BranchScore, TurnScore

GRAPH = "g" * 64
METRIC = "1"
REASON = "The result supports the leading diagnosis."


def make_record(case: Case, *, seed: int = 7) -> dict[str, Any]:
    """``TreeRecord.to_dict()`` of a tree with the leaves 3 (right), 6 (late error), 8 (wrong) and 9 (merged)."""
    tree = TrajectoryTree()
    root = tree.append(None, NodeKind.OBSERVATION, Environment(case).reset().to_dict())
    truth, wrong = case.diagnosis.text, "Tension headache"
    order = TestOrder((case.menu[0].name,))
    right = _follow(tree, case, root, [order], truth)
    late = _follow(tree, case, root, [order], wrong, above=truth)
    never = _follow(tree, case, root, [], wrong)
    merged = _turn(tree, root, FinalDiagnosis(wrong), wrong)
    return {
        "case": case.id,
        "case_hash": case.content_hash,
        "group": case.group_key,
        "policy": "test",
        "seed": seed,
        "nodes": [node.to_dict() for node in tree],
        "leaves": [
            *({"seq": leaf.seq, "end": "TERMINATED"} for leaf in (right, late, never)),
            {"seq": merged.seq, "end": "MERGED"},
        ],
        "rejected": [{"seq": merged.seq, "reason": f"the same diagnosis as node {never.seq}"}],
        "usage": {"turns": 6, "merged": 1},
    }


def make_scores(record: dict[str, Any]) -> list[dict[str, Any]]:
    """One score a branch, in the order of the leaves: good, fallen at its second turn, not assessable."""
    right, late, never = (leaf["seq"] for leaf in record["leaves"] if leaf["end"] != "MERGED")
    return [
        _score(right, (0.9, 1.0), dtc=0.95, rac=0.8, coverage=0.9, correct=True),
        _score(late, (0.9, 0.0), dtc=0.3, rac=0.4, coverage=0.8, correct=False),
        _score(never, (None,), dtc=None, rac=None, coverage=0.2, correct=False),
    ]


def make_verdicts(scores: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = (("RETAINED", None, 2, "SOUND"), ("TRUNCATED", 3, 1, "DIVERGENT"), ("NOT_ASSESSABLE", None, 0, "NO_DTC"))
    return [
        {
            "leaf": score["leaf"],
            "verdict": kind,
            "t_star": t_star,
            "kept": kept,
            "rule": rule,
            "values": {name: score[name] for name in ("dtc", "rac", "coverage")},
            "metric_version": METRIC,
            "graph": GRAPH,
        }
        for score, (kind, t_star, kept, rule) in zip(scores, kinds, strict=True)
    ]


def _follow(
    tree: TrajectoryTree, case: Case, root: Node, orders: list[TestOrder], end: str, above: str | None = None
) -> Node:
    environment, node = Environment(case), root
    environment.reset()
    for order in orders:
        turn = _turn(tree, node, order, above or end)
        node = tree.append(turn, NodeKind.OBSERVATION, environment.step(order).observation.to_dict())
    return _turn(tree, node, FinalDiagnosis(end), end)


def _turn(tree: TrajectoryTree, parent: Node, action: TestOrder | FinalDiagnosis, top: str) -> Node:
    turn = Turn("The history points there.", (Hypothesis(top, 0.7, ("o1.1",), ()),), action)
    content = {
        "number": 2 + sum(node.kind is NodeKind.TURN for node in tree.branch(parent)),
        "text": render_turn(turn),
        "turn": turn.to_dict(),
        "problems": [],
        "format_failure": False,
        "model": "test",
        "model_label": "Test policy",
    }
    return tree.append(parent, NodeKind.TURN, content, sampled=True)


def _score(leaf: int, alignments: tuple[float | None, ...], **values: Any) -> dict[str, Any]:
    said = {"rac": values["rac"], "grounding": 1.0, "coverage": values["coverage"]}
    turns = tuple(
        TurnScore(number=number, alignment=alignment, divergent=alignment == 0, reasons=(REASON,), **said)
        for number, alignment in enumerate(alignments, start=2)
    )
    score = BranchScore(leaf=leaf, metric_version=METRIC, graph=GRAPH, grounding=1.0, turns=turns, **values)
    return score.to_dict()
