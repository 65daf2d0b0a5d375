"""A correction as a branch to learn from, and as a pair: what a person wrote, before what stood there."""

from dataclasses import replace

from medaction.corpus.materials import Words, lay_out
from medaction.domain.canonical import content_hash
from medaction.domain.case import Case
from medaction.domain.tree import NodeKind, TrajectoryTree
from medaction.formats.training import STEPS, BranchMaterial, Preference, TreeMaterial

from .pairs import SCOPE, PairTally
from .records import Correction, JudgedTree
from .telling import Teller

KIND = "CORRECTION"


def mend(
    tree: JudgedTree, correction: Correction, case: Case, words: Words, teller: Teller, tally: PairTally
) -> TreeMaterial:
    """Learned from are the corrected turn, though no model wrote it, and what was played on from it and accepted."""
    nodes = TrajectoryTree(tree.nodes).branch(correction.leaf)
    turns = [node for node in nodes if node.kind is NodeKind.TURN]
    place = next(place for place, node in enumerate(turns) if node.content["number"] == correction.number)
    good = [True if later >= place and words.valid(node) else None for later, node in enumerate(turns)]
    messages, written = lay_out(nodes, words, good, set())
    weight = teller.weigh(correction.rater)
    told = teller.tell([correction.rater], [None], correction.month, correction.stage, weight)
    labelled = tuple(
        replace(turn, label=correction.labels.get(node.content["number"]), sampled=turn.sampled or later == place)
        for later, (turn, node) in enumerate(zip(written, turns, strict=True))
    )
    turn = labelled[place]
    kept = max((after for after, judged in enumerate(good, start=1) if judged), default=0)
    columns = {**told, STEPS: [one.label for one in labelled]}
    branch = BranchMaterial(correction.leaf, KIND, messages, labelled, kept, columns)
    tally.corrections += 1
    tally.raters.add(correction.rater)
    pairs: tuple[Preference, ...] = ()
    if good[place] and turn.text != correction.rejected:
        reason = "A reviewer wrote it in place of the other."
        prompt = messages[: turn.message]
        pairs = (
            Preference(prompt, turn.text, correction.rejected, 1.0, reason, turn.seq, 0, {**told, SCOPE: "correction"}),
        )
        tally.pairs += 1
    else:
        tally.unusable += 1
    record = {
        "nodes": [node.to_dict() for node in tree.nodes],
        "leaves": [{"seq": correction.leaf, "end": "CORRECTED"}],
        "judged": [{"leaf": correction.leaf, "decided": KIND, **columns, "steps": []}],
    }
    run = content_hash([tree.key, KIND])
    return TreeMaterial(case, run, tree.policy, (branch,), record, preferences=lambda: pairs)
