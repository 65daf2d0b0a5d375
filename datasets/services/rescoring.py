"""What a worker does of an update of the site's graph. Every commit is fenced; no score is overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from datasets.models import GraphUpdate, RescoredTree, Score, Selection, Verdict, VerdictChange
from datasets.selectors.affected import count_scored
from datasets.selectors.pruning import BRIEF
from datasets.services.working import State, claim_work, end_work, held, lease, release_work
from diagnosis.models import TrajectoryNode
from diagnosis.services.planning import load_case
from medaction.distill.pruning import Thresholds, prune
from medaction.domain.tree import Node, NodeKind, TrajectoryTree
from medaction.metrics import METRIC_VERSION, BranchScore, BranchScorer

FIGURES = ("dtc", "rac", "grounding", "coverage", "correct")


@dataclass(frozen=True, slots=True)
class Rescored:
    """One branch: the score that stood and the new one."""

    before: Score
    after: BranchScore

    @property
    def changed(self) -> bool:
        return any(getattr(self.before, name) != getattr(self.after, name) for name in FIGURES)


def claim_update(*, update_id: str, worker: str) -> GraphUpdate | None:
    """None when it does not wait."""
    with transaction.atomic():
        return claim_work(model=GraphUpdate, work_id=update_id, worker=worker)


def list_trees(*, update: GraphUpdate, graph_hash: str, affected: Sequence[UUID]) -> bool:
    """Fix which trees are to be looked at; once. False: another attempt holds the update."""
    with transaction.atomic():
        values = {"graph_after": graph_hash, "metric_version": METRIC_VERSION, "tree_count": len(affected)}
        scored = max(count_scored(), len(affected))
        if not held(update).update(**values, scored_count=scored, listed_at=Now()):
            return False
        RescoredTree.objects.bulk_create(
            (RescoredTree(update=update, trajectory_id=each) for each in affected),
            batch_size=2000,
            ignore_conflicts=True,
        )
    update.refresh_from_db()
    return True


def list_pending(*, update: GraphUpdate) -> list[RescoredTree]:
    pending = update.trees.filter(done_at__isnull=True, error_message="")
    return list(pending.select_related("trajectory").order_by("pk"))


def rescore_tree(row: RescoredTree, scorer: BranchScorer) -> list[Rescored]:
    """The branches that have a score, by the graph of ``scorer``. Nothing is written. Raises ``TreeError``."""
    latest: dict[int, Score] = {}
    scores = Score.objects.filter(trajectory=row.trajectory_id, metric_version=METRIC_VERSION)
    scores = scores.exclude(graph_hash=scorer.graph.hash)
    for score in scores.order_by("pk"):
        latest[score.leaf_seq] = score
    stored = TrajectoryNode.objects.filter(trajectory=row.trajectory_id).order_by("seq")
    tree = TrajectoryTree(
        Node(each.seq, each.parent_seq, NodeKind(each.kind), each.content, each.sampled, each.content_hash)
        for each in stored
    )
    leaves = sorted(latest)
    found = scorer.score_leaves(tree, leaves, load_case(row.trajectory.case_id))
    return [Rescored(latest[leaf], after) for leaf, after in zip(leaves, found, strict=True)]


def commit_tree(*, update: GraphUpdate, row: RescoredTree, rescored: Sequence[Rescored]) -> bool:
    """Whether to go on: False when another attempt holds the update, or it was cancelled."""
    with transaction.atomic():
        if not held(update).update(lease_expires_at=lease(), tries=0, done_count=F("done_count") + 1):
            return False
        Score.objects.bulk_create([_score(each) for each in rescored], ignore_conflicts=True)
        verdicts, changes = _compare(update, row, rescored)
        VerdictChange.objects.bulk_create(changes, ignore_conflicts=True)
        RescoredTree.objects.filter(pk=row.pk).update(
            done_at=Now(),
            branch_count=len(rescored),
            changed_count=sum(each.changed for each in rescored),
            verdict_count=verdicts,
        )
    return True


def fail_tree(*, update: GraphUpdate, row: RescoredTree, message: str) -> bool:
    """It is passed over; going on with the update tries it again."""
    with transaction.atomic():
        if not held(update).update(lease_expires_at=lease(), tries=0):
            return False
        RescoredTree.objects.filter(pk=row.pk).update(error_message=message[:400])
    return True


def finish_update(*, update: GraphUpdate) -> None:
    """SUCCEEDED, or FAILED where trees were passed over."""
    with transaction.atomic():
        left = update.trees.filter(done_at__isnull=True).count()
        said = f"{left} tree{'s' * (left != 1)} could not be scored; going on tries again." if left else ""
        end_work(work=update, state=State.FAILED if left else State.SUCCEEDED, error=said)


def fail_update(*, update: GraphUpdate, message: str) -> None:
    with transaction.atomic():
        end_work(work=update, state=State.FAILED, error=message)


def release_update(*, update: GraphUpdate) -> None:
    with transaction.atomic():
        release_work(work=update)


def _score(each: Rescored) -> Score:
    after = each.after
    return Score(
        trajectory_id=each.before.trajectory_id,
        leaf_seq=each.before.leaf_seq,
        metric_version=after.metric_version,
        graph_hash=after.graph,
        **{name: getattr(after, name) for name in FIGURES},
        turns=len(after.turns),
        brief=[[getattr(turn, name) for name in BRIEF] for turn in after.turns],
        detail=after.to_dict(),
    )


def _compare(update: GraphUpdate, row: RescoredTree, rescored: Sequence[Rescored]) -> tuple[int, list[VerdictChange]]:
    """How many verdicts were looked at, and those that would now be others."""
    mine = {"score__trajectory": row.trajectory_id}
    decided: dict[int, list[Selection]] = {}
    for verdict in Verdict.objects.filter(**mine).select_related("selection", "score"):
        decided.setdefault(verdict.score.leaf_seq, []).append(verdict.selection)
    hashes = {each.after.graph for each in rescored}
    stored = Score.objects.filter(trajectory=row.trajectory_id, graph_hash__in=hashes, metric_version=METRIC_VERSION)
    after = dict(stored.values_list("leaf_seq", "pk"))
    looked_at, changes = 0, []
    for each in rescored:
        for selection in decided.get(each.before.leaf_seq, ()):
            looked_at += 1
            thresholds = Thresholds(**selection.thresholds)
            was, now = prune(BranchScore.from_dict(each.before.detail), thresholds), prune(each.after, thresholds)
            if was.verdict != now.verdict:
                ends: dict[str, Any] = {"before": each.before, "after_id": after[each.before.leaf_seq]}
                said = {"was": was.verdict.value, "now": now.verdict.value, "rule_was": was.rule, "rule_now": now.rule}
                changes.append(VerdictChange(update=update, selection=selection, **ends, **said))
    return looked_at, changes
