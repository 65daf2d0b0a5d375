"""Runs whose scores are real: known trees, scored and pruned by the graph, and one case that hangs by one edge."""

from django.utils import timezone

from datasets.models import DistillationRun, RunCase
from datasets.services.storing import TreeToStore, store_trees
from diagnosis.models import Case
from medaction.distill.judging import prune_tree_record, score_tree_record
from medaction.distill.record import TreeRecord
from medaction.domain.case import Case as DomainCase
from medaction.domain.case import Diagnosis
from medaction.metrics import METRIC_VERSION, BranchScorer
from review.services.edges import ShownEdge
from tests.datasets import factories
from tests.datasets.trees import make_record

STORY = "A 70-year-old man has a pulsatile abdominal mass."
TRUTH = "Abdominal aortic aneurysm"


def hanging_edge(graph_hash: str) -> ShownEdge:
    """All that speaks for the truth in :data:`STORY`."""
    source, target = "MA:abdominal_aortic_aneurysm", "MF:pulsatile_abdominal_mass"
    names = (TRUTH, "Pulsatile abdominal mass")
    return ShownEdge(source, "HAS_FINDING", target, *names, graph_hash=graph_hash, stated={"p": 0.55})


def make_hanging_case(mould: Case) -> Case:
    return factories.copy_case(mould, o1=STORY, diagnosis=Diagnosis(TRUTH))


def make_scored_run(cases: list[Case], scorer: BranchScorer, owner=None) -> DistillationRun:
    """A run that is done; each tree with the branches 3 (right), 6 and 8 (wrong)."""
    run = factories.make_run(cases, owner, graph_hash=scorer.graph.hash, metric_version=METRIC_VERSION)
    trees = []
    for case in cases:
        domain = DomainCase.from_dict(case.payload)
        record = make_record(domain)
        scores = score_tree_record(TreeRecord.from_dict(record), domain, scorer)
        verdicts = prune_tree_record(scores)
        trees.append(TreeToStore(case.pk, record, scores.to_dict()["branches"], verdicts.to_dict()["verdicts"]))
    stored = store_trees(run=run, selection=run.selections.get(), trees=trees)
    for tree in trees:
        place = stored.trajectories[tree.case_id]
        RunCase.objects.filter(run=run, case=tree.case_id).update(
            trajectory=place, seed=1, leaves=tree.record["leaves"], rejected=tree.record["rejected"], branch_count=3
        )
    run.state, run.finished_at = DistillationRun.State.SUCCEEDED, timezone.now()
    run.grown_count, run.branch_count = len(cases), 3 * len(cases)
    run.save(update_fields=["state", "finished_at", "grown_count", "branch_count"])
    return run
