"""Runs from start to end, worked in this process as a worker does: fenced, resumable, the same however divided."""

import pytest
from django.utils import timezone

from datasets.models import DistillationRun, RunCase, RunChunk, Score, Verdict
from datasets.services import chunks, growing, steering, sweeping
from datasets.services.errors import RunRefused
from datasets.services.run_export import export_run
from datasets.services.starting import start_run
from datasets.tasks import definitions
from datasets.tasks.grower import Grower, GrowerRefusal
from diagnosis.models import TrajectoryNode
from medaction.distill.judging import prune_tree_record, score_tree_record
from medaction.distill.lines import read_json_lines
from medaction.distill.pruning import Thresholds
from medaction.distill.runs import SCORES, TREES, VERDICTS, open_run
from medaction.distill.shape import GrowthConfig, TreeShape
from medaction.domain.canonical import content_hash
from medaction.metrics import BranchScorer

pytestmark = pytest.mark.django_db
# The task's body: around it, the connection is closed, which a test within a transaction cannot have.
grow = definitions.grow_chunk.run.__wrapped__
SMALL = GrowthConfig(TreeShape(root=2, below=1, leaves=3))


@pytest.fixture(autouse=True)
def few_at_a_time(settings, nowhere):
    # No pulse: its connection would not see what this transaction has not committed.
    settings.DATASETS = {**settings.DATASETS, "CHUNK_CASES": 2, "HEARTBEAT_SECONDS": 3600}


@pytest.fixture
def begin(manager, cases, graph):
    def begin_run(**values):
        options = {"policy": "random", "config": SMALL, "thresholds": Thresholds(), "seed": 3, "name": "Small"}
        run, _ = start_run(owner=manager, cases=cases, **{**options, **values})
        return run

    return begin_run


def work(run, *chunks) -> DistillationRun:
    """As a worker takes these chunks, or all that wait."""
    for chunk in chunks or run.chunks.filter(state="QUEUED").order_by("number"):
        grow(str(chunk.pk))
    run.refresh_from_db()
    return run


def stored(run) -> dict:
    """What a run came to, by case, without ids and times."""
    rows = run.cases.select_related("case").order_by("position")
    return {row.case.slug: (row.policy, row.seed, row.leaves, row.rejected, nodes_of(row)) for row in rows}


def nodes_of(row) -> list[str]:
    nodes = TrajectoryNode.objects.filter(trajectory=row.trajectory_id).order_by("seq")
    return list(nodes.values_list("content_hash", flat=True))


def test_a_run_grows_scores_and_prunes_every_case(begin):
    run = work(begin())
    assert (run.state, run.grown_count, run.failed_count) == ("SUCCEEDED", 3, 0)
    assert run.chunks.filter(state="SUCCEEDED").count() == 2
    scores = Score.objects.filter(trajectory__run_case__run=run)
    assert scores.count() == Verdict.objects.filter(selection__run=run).count() == run.branch_count > 3
    verdicts = run.retained_count + run.truncated_count + run.rejected_count + run.unassessable_count
    assert verdicts == run.branch_count
    assert run.node_count == TrajectoryNode.objects.filter(trajectory__run_case__run=run).count()
    assert run.seconds_worked > 0


def test_the_tree_of_a_case_is_that_of_the_command_line(begin, graph, tmp_path):
    run = work(begin())
    export_run(run=run, path=tmp_path)
    directory = open_run(tmp_path)
    cases, scorer = directory.cases(), BranchScorer(graph)
    for record, scores, verdicts in zip(directory.trees(), directory.scores(), directory.verdicts(), strict=True):
        again = score_tree_record(record, cases[record.case], scorer)
        assert content_hash(again.to_dict()) == content_hash(scores.to_dict())
        assert content_hash(prune_tree_record(again).to_dict()) == content_hash(verdicts.to_dict())
    assert all(list(read_json_lines(tmp_path / name)) for name in (TREES, SCORES, VERDICTS))


def test_the_result_does_not_depend_on_who_works_in_which_order(begin, cases, settings):
    one = stored(work(begin()))
    DistillationRun.objects.update(state="CANCELLED", finished_at=timezone.now())
    settings.DATASETS = {**settings.DATASETS, "CHUNK_CASES": 1}
    other = begin()
    assert stored(work(other, *other.chunks.order_by("-number"))) == one


def test_the_same_run_is_started_once(begin):
    assert begin().pk == begin(name="Another name").pk
    assert begin(seed=4).pk != begin().pk


@pytest.mark.parametrize("policy", ["nonsense", "kg:x", "scripted:nobody"])
def test_a_policy_that_cannot_be_used_is_refused(begin, policy):
    with pytest.raises(RunRefused):
        begin(policy=policy)
    assert not DistillationRun.objects.exists()


def test_an_empty_choice_is_refused(begin, cases):
    cases.clear()
    with pytest.raises(RunRefused, match="No case"):
        begin()


def test_pausing_keeps_what_is_grown_and_resuming_goes_on(begin):
    run = begin()
    first, second = run.chunks.order_by("number")
    work(run, first)
    steering.pause_run(run=run)
    assert work(run, second).state == "PAUSED"
    second.refresh_from_db()
    assert (second.state, run.grown_count) == ("QUEUED", 2)
    steering.resume_run(run=run)
    assert work(run).state == "SUCCEEDED"
    assert run.grown_count == 3


def test_a_pause_in_the_midst_of_a_chunk(begin, monkeypatch):
    run = begin()
    grow_one = Grower.grow

    def grow_and_pause(self, pending):
        tree = grow_one(self, pending)
        if pending.row.position == 1:
            steering.pause_run(run=run)
        return tree

    monkeypatch.setattr(Grower, "grow", grow_and_pause)
    assert work(run).state == "PAUSED"
    assert (run.grown_count, RunCase.objects.filter(trajectory__isnull=False).count()) == (1, 1)
    assert set(run.chunks.values_list("state", flat=True)) == {"QUEUED"}
    monkeypatch.undo()
    steering.resume_run(run=run)
    assert work(run).state == "SUCCEEDED"


def test_cancelling_is_for_good(begin):
    run = begin()
    first, second = run.chunks.order_by("number")
    work(run, first)
    steering.cancel_run(run=run)
    assert work(run, second).state == "CANCELLED"
    assert run.grown_count == 2
    for change in (steering.cancel_run, steering.pause_run, steering.resume_run):
        run.refresh_from_db()
        with pytest.raises(RunRefused):
            change(run=run)


def lose(chunk) -> None:
    """Its worker died: the lease has run out."""
    RunChunk.objects.filter(pk=chunk.pk).update(lease_expires_at=timezone.now() - timezone.timedelta(seconds=1))


def test_a_dead_worker_costs_nothing_that_was_committed(begin, graph):
    run = begin()
    chunk = run.chunks.order_by("number").first()
    claimed = growing.claim_chunk(chunk_id=str(chunk.pk), worker="dead")
    pending = growing.list_pending(chunk=claimed)
    tree = Grower(run, graph).grow(pending[0])
    assert growing.commit_tree(chunk=claimed, row=pending[0].row, tree=tree, seconds=0.1)
    lose(chunk)
    assert sweeping.sweep_runs() == 1
    assert work(run).state == "SUCCEEDED"
    assert run.grown_count == 3
    # The dead one wakes up, and may write nothing more.
    tree = Grower(run, graph).grow(pending[1])
    assert not growing.commit_tree(chunk=claimed, row=pending[1].row, tree=tree, seconds=0.1)
    run.refresh_from_db()
    assert run.grown_count == 3


def test_a_case_that_kills_its_workers_is_left_out(begin, settings):
    run = begin()
    chunk = run.chunks.order_by("number").first()
    for _ in range(settings.DATASETS["MAX_ATTEMPTS"]):
        assert growing.claim_chunk(chunk_id=str(chunk.pk), worker="dead") is not None
        lose(chunk)
        sweeping.sweep_runs()
    assert work(run).state == "SUCCEEDED"
    assert (run.grown_count, run.failed_count) == (2, 1)
    assert "stopped 3 times" in run.cases.get(position=0).error_message


def test_cases_that_failed_are_tried_again_when_asked(begin, monkeypatch):
    run = begin()
    monkeypatch.setattr(Grower, "grow", lambda self, pending: 1 / 0)
    assert work(run).state == "FAILED"
    assert (run.failed_count, run.grown_count) == (3, 0)
    monkeypatch.undo()
    steering.resume_run(run=run)
    assert work(run).state == "SUCCEEDED"
    assert (run.failed_count, run.grown_count) == (0, 3)


def test_lost_messages_are_sent_again_only_while_nothing_grows(begin):
    run = begin()
    long_ago = timezone.now() - timezone.timedelta(minutes=5)
    RunChunk.objects.update(dispatched_at=long_ago)
    first, _ = run.chunks.order_by("number")
    claimed = growing.claim_chunk(chunk_id=str(first.pk), worker="busy")
    assert sweeping.sweep_runs() == 0
    chunks.let_go(chunk=claimed)
    assert sweeping.sweep_runs() == 1
    assert sweeping.sweep_runs() == 0


def test_another_program_or_graph_does_not_go_on(begin, graph, monkeypatch):
    run = begin()
    monkeypatch.setattr("datasets.tasks.grower.code_hash", lambda: "other")
    with pytest.raises(GrowerRefusal, match="has changed"):
        Grower(run, graph)
    monkeypatch.setattr("datasets.tasks.grower._held", [])
    assert work(run, run.chunks.first()).state == "FAILED"
    assert "Start a new run" in run.error_message
    assert not run.chunks.filter(state="QUEUED").exists()
