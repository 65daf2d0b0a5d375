"""Decisions as what every training format is written from.

A turn that counts as good is learned from; a wrong one that is not inherited is a fault. Of a branch are kept the
leading turns that are good or neutral, up to the last good one: what nobody vouches for is not shown as an example.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from medaction.corpus.materials import Words, lay_out
from medaction.domain.canonical import content_hash
from medaction.domain.case import Case
from medaction.domain.environment import EnvironmentSettings, list_menu
from medaction.domain.tree import Node, NodeKind, TrajectoryTree
from medaction.formats.training import STEPS, BranchMaterial, Preference, TreeMaterial

from .deciding import Decision, Tally, decide
from .mending import mend
from .pairs import PairTally, list_pairs
from .policy import Pass
from .records import JudgedTree, Step
from .telling import Teller


@dataclass(slots=True)
class Reader:
    """Judged trees to materials. ``branches`` and ``pairs`` count along."""

    teller: Teller
    branches: Tally = field(default_factory=Tally)
    pairs: PairTally = field(default_factory=PairTally)

    def read(self, tree: JudgedTree, case: Case) -> Iterator[TreeMaterial]:
        """One for all decisions and votes about the tree, or one a rater."""
        settings = EnvironmentSettings(**tree.environment)
        words = Words(settings.horizon, list_menu(case, settings))
        if tree.correction is not None:
            if tree.correction.stage is Pass.FIRST or self.teller.policy.stage is Pass.SECOND:
                yield mend(tree, tree.correction, case, words, self.teller, self.pairs)
            return
        whole = TrajectoryTree(tree.nodes)
        decided = decide(tree, self.teller, self.branches)
        pairs = list_pairs(tree, whole, words, self.teller, self.pairs)
        for rater in sorted(decided.keys() | pairs.keys()):
            decisions = decided.get(rater, [])
            yield self._material(tree, case, rater, whole, words, decisions, tuple(pairs.get(rater, ())))

    def _material(
        self,
        tree: JudgedTree,
        case: Case,
        rater: str,
        whole: TrajectoryTree,
        words: Words,
        decisions: Sequence[Decision],
        pairs: tuple[Preference, ...],
    ) -> TreeMaterial:
        taught: set[int] = set()
        branches: list[BranchMaterial] = []
        for decision in decisions:
            branch = self._branch(whole.branch(decision.leaf), words, decision, taught)
            taught |= {turn.seq for turn in branch.kept_turns}
            branches.append(branch)
        record = {
            "nodes": [node.to_dict() for node in tree.nodes],
            "leaves": [{"seq": decision.leaf, "end": "JUDGED"} for decision in decisions],
            "judged": [_tell(branch, decision) for branch, decision in zip(branches, decisions, strict=True)],
        }
        run = content_hash([tree.key, rater])
        return TreeMaterial(case, run, tree.policy, tuple(branches), record, preferences=lambda: pairs)

    def _branch(self, nodes: Sequence[Node], words: Words, decision: Decision, taught: set[int]) -> BranchMaterial:
        turns = [node for node in nodes if node.kind is NodeKind.TURN]
        steps = [decision.steps.get(node.content["number"], Step()) for node in turns]
        good = [_judge(step, valid=words.valid(node)) for step, node in zip(steps, turns, strict=True)]
        messages, written = lay_out(nodes, words, good, taught)
        labelled = tuple(replace(turn, label=step.label) for turn, step in zip(written, steps, strict=True))
        told = self.teller.tell(decision.raters, decision.seconds, decision.month, decision.stage, decision.weight)
        told[STEPS] = [step.label for step in steps]
        return BranchMaterial(decision.leaf, decision.kind.value, messages, labelled, _count_kept(steps, good), told)


def _tell(branch: BranchMaterial, decision: Decision) -> dict[str, Any]:
    """A decision with all that was ticked, for the format of whole trees."""
    steps = [
        {
            "turn": number,
            "label": step.label,
            "inherited": step.inherited,
            "errors": list(step.errors),
            "harm": step.harm,
            "confidence": step.confidence,
            "hindsight": step.hindsight,
        }
        for number, step in sorted(decision.steps.items())
    ]
    return {"leaf": decision.leaf, "decided": decision.kind.value, **branch.told, "steps": steps}


def _judge(step: Step, *, valid: bool) -> bool | None:
    """An inherited error is no fault of the turn itself; what could not be read cannot be learned."""
    if step.label == 1:
        return True if valid else None
    return False if step.label == -1 and not step.inherited else None


def _count_kept(steps: Sequence[Step], good: Sequence[bool | None]) -> int:
    kept = 0
    for place, (step, judged) in enumerate(zip(steps, good, strict=True), start=1):
        if not judged and step.label != 0:
            break
        kept = place if judged else kept
    return kept
