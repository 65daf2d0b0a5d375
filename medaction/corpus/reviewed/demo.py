"""Judgements that no person gave, to try everything that is done with judgements. They are marked as what they are.

Three made-up raters copy what the verdicts of a run say of each turn, each with errors at a rate of their own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from medaction.corpus.materials import read_materials
from medaction.distill.runs import Run
from medaction.domain.branch import FIRST_TURN
from medaction.domain.canonical import content_hash
from medaction.domain.tree import Node
from medaction.formats.training import BranchMaterial, Preference, TreeMaterial

from .policy import Pass
from .records import Choice, Comparison, JudgedTree, Judgement, Step, Vote
from .review_set import Nature, ReviewSet, Rubric, write_review_set

RUBRIC = Rubric("demo v1", content_hash("good, neutral or wrong"))
ERRORS = {"demo-careful": 0.05, "demo-usual": 0.15, "demo-hasty": 0.3}
"""How often each of them says something else than the verdict."""
MONTH, SECONDS = "2026-01", 60


@dataclass(frozen=True, slots=True)
class _Rater:
    name: str
    rate: float
    seed: int

    def errs(self, *about: object) -> bool:
        drawn = sha256(repr((self.seed, self.name, *about)).encode()).digest()
        return int.from_bytes(drawn[:8], "big") / 2**64 < self.rate


def write_demo_set(run: Run, out: Path, *, seed: int = 0, errors: Mapping[str, float] = ERRORS) -> ReviewSet:
    """A review set over the branches and sibling turns of a scored and pruned run. The same run and seed, the same set.

    Raises ``CorpusError`` and ``OSError`` as ``write_review_set`` and ``read_materials`` do.
    """
    raters = [_Rater(name, rate, seed) for name, rate in errors.items()]
    trees = (_judge_tree(run, tree, raters) for tree in read_materials(run))
    return write_review_set(out, rubric=RUBRIC, nature=Nature.DEMO, cases=run.cases().values(), trees=trees)


def _judge_tree(run: Run, tree: TreeMaterial, raters: list[_Rater]) -> JudgedTree:
    judgements = tuple(
        Judgement(rater.name, branch.leaf, stage, MONTH, SECONDS, dict(_judge(tree, branch, rater)))
        for branch in tree.branches
        for rater in raters
        for stage in Pass
    )
    parents = {node["seq"]: node["parent_seq"] for node in tree.record["nodes"]}
    comparisons = tuple(_compare(tree, pair, parents, raters) for pair in tree.preferences())
    return JudgedTree(
        key=content_hash([run.fingerprint, tree.case.id]),
        case=tree.case.id,
        case_hash=tree.case.content_hash,
        policy=tree.policy,
        environment=run.manifest["environment"],
        nodes=tuple(map(Node.from_dict, tree.record["nodes"])),
        judgements=judgements,
        comparisons=comparisons,
    )


def _judge(tree: TreeMaterial, branch: BranchMaterial, rater: _Rater) -> Iterator[tuple[int, Step]]:
    for number, turn in enumerate(branch.turns, start=FIRST_TURN):
        if turn.good is not None:
            label = 1 if turn.good else -1
            yield number, Step(0 if rater.errs(tree.case.id, turn.seq) else label)


def _compare(
    tree: TreeMaterial, pair: Preference, parents: Mapping[int, int | None], raters: list[_Rater]
) -> Comparison:
    """The two in the order in which they were written, so that the place tells nothing."""
    swapped = pair.chosen_seq > pair.rejected_seq
    one, other = (pair.rejected, pair.chosen) if swapped else (pair.chosen, pair.rejected)
    votes = []
    for rater in raters:
        wrong = rater.errs(tree.case.id, pair.chosen_seq, pair.rejected_seq)
        choice = Choice.OTHER if swapped != wrong else Choice.ONE
        votes += [Vote(rater.name, stage, MONTH, SECONDS, choice) for stage in Pass]
    node = parents[pair.chosen_seq]
    return Comparison(node or 0, one, other, whole=False, votes=tuple(votes))
