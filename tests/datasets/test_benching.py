"""Benchmark runs from start to end, worked in this process as a worker does: fenced, resumable, the same however
divided."""

import pytest
from django.utils import timezone

from datasets.models import BenchmarkChunk, BenchmarkResult
from datasets.services import benching, steering, sweeping
from datasets.services.bench_starting import bench_settings, start_benchmark_run
from datasets.services.contenders import list_contenders
from datasets.services.errors import RunRefused
from datasets.tasks import benchmarks
from datasets.tasks.bencher import Bencher, BencherRefusal
from diagnosis.models import ModelRelease, TrajectoryNode
from diagnosis.services.offering import register_configured
from diagnosis.services.releasing import disable_release
from medaction.domain.branch import Branch
from medaction.domain.tree import Node, TrajectoryTree
from tests.datasets import factories

pytestmark = pytest.mark.django_db
# The task's body: around it, the connection is closed, which a test within a transaction cannot have.
bench = benchmarks.bench_chunk.run.__wrapped__


@pytest.fixture(autouse=True)
def few_at_a_time(settings, nowhere):
    # No pulse: its connection would not see what this transaction has not committed.
    settings.DATASETS = {**settings.DATASETS, "CHUNK_CASES": 2, "HEARTBEAT_SECONDS": 3600}


@pytest.fixture
def begin(manager, cases, graph):
    benchmark = factories.make_benchmark(cases)

    def begin_run(policy="random", **values):
        contender = next(one for one in list_contenders() if one.policy == policy)
        chosen = bench_settings(benchmark, {"seed": 3, **values})
        return start_benchmark_run(owner=manager, benchmark=benchmark, contender=contender, settings=chosen)[0]

    return begin_run


def work(run, *chunks):
    """As a worker takes these chunks, or all that wait."""
    for chunk in chunks or run.chunks.filter(state="QUEUED").order_by("number"):
        bench(str(chunk.pk))
    run.refresh_from_db()
    return run


def kept(run) -> list:
    """What a run came to, without ids and times."""
    told = []
    for row in run.results.order_by("position"):
        nodes = TrajectoryNode.objects.filter(trajectory=row.trajectory_id).order_by("seq")
        record = {key: value for key, value in (row.record or {}).items() if key != "seconds"}
        told.append((row.case_id, row.sample, record, list(nodes.values_list("content_hash", flat=True))))
    return told


def test_every_case_gets_its_record_and_its_path(begin):
    run = work(begin())
    assert (run.state, run.done_count, run.failed_count, run.result_count) == ("SUCCEEDED", 3, 0, 3)
    for row in run.results.select_related("case", "trajectory"):
        assert row.record["id"] == row.case.slug
        assert row.record["case_hash"] == row.case.content_hash
        assert row.trajectory.origin == "BENCHMARK"
        assert row.outcome == benching.outcome_of(row.record)
        stored = TrajectoryNode.objects.filter(trajectory=row.trajectory_id).order_by("seq")
        fields = ("seq", "parent_seq", "kind", "content", "sampled", "content_hash")
        nodes = [Node.from_dict({name: getattr(node, name) for name in fields}) for node in stored]
        branch = Branch.from_nodes(TrajectoryTree(tuple(nodes)).branch(row.leaf_seq))
        assert len(branch.turns) == row.record["turns"]
        assert branch.diagnosis == row.record["given"]
    assert run.report["n"] == run.report["records"] == 3
    assert run.report["metric_version"] == run.metric_version
    assert "cases" not in run.report
    assert run.seconds_worked > 0


def test_the_same_run_is_started_once(begin):
    run = begin()
    assert begin() == run
    assert begin(seed=4) != run
    steering.cancel_run(run=run)
    assert begin() != run


def test_samples_are_results_of_their_own(begin):
    run = work(begin(samples=2, temperature=1.0))
    assert (run.result_count, run.done_count, run.report["n"], run.report["records"]) == (6, 6, 3, 6)
    samples = list(run.results.order_by("position").values_list("case", "sample"))
    assert [sample for _, sample in samples] == [0, 1] * 3
    with pytest.raises(RunRefused, match="temperature"):
        begin(samples=2)


def test_a_static_run_reads_all_evidence_at_once(begin):
    run = work(begin(policy="kg", static=True))
    assert run.state == "SUCCEEDED"
    row = run.results.order_by("position")[0]
    sampled = TrajectoryNode.objects.filter(trajectory=row.trajectory_id, kind="TURN").order_by("seq")
    assert list(sampled.values_list("sampled", flat=True)) == [False, True]


def test_division_into_chunks_changes_nothing(begin, settings):
    first = kept(work(begin()))
    run = first and BenchmarkResult.objects.first().run
    type(run).objects.filter(pk=run.pk).update(state="CANCELLED")
    settings.DATASETS = {**settings.DATASETS, "CHUNK_CASES": 1}
    assert kept(work(begin())) == first


def test_a_resend_of_the_message_changes_nothing(begin):
    run = work(begin())
    before = kept(run)
    for chunk in run.chunks.all():
        bench(str(chunk.pk))
    assert kept(run) == before
    assert TrajectoryNode.objects.filter(parent_seq__isnull=True).count() == 3


def test_a_pause_in_the_midst_of_a_chunk(begin, monkeypatch):
    run = begin()
    work_up = Bencher.work_up

    def work_and_pause(self, pending):
        record = work_up(self, pending)
        if pending.row.position == 1:
            steering.pause_run(run=run)
        return record

    monkeypatch.setattr(Bencher, "work_up", work_and_pause)
    assert work(run).state == "PAUSED"
    assert (run.done_count, run.results.filter(record__isnull=False).count()) == (1, 1)
    assert set(run.chunks.values_list("state", flat=True)) == {"QUEUED"}
    monkeypatch.undo()
    steering.resume_run(run=run)
    assert work(run).state == "SUCCEEDED"
    assert run.report["records"] == 3


def test_cancelling_is_for_good_and_keeps_what_came(begin):
    run = begin()
    first, second = run.chunks.order_by("number")
    work(run, first)
    steering.cancel_run(run=run)
    assert work(run, second).state == "CANCELLED"
    assert run.done_count == 2
    for change in (steering.cancel_run, steering.pause_run, steering.resume_run):
        run.refresh_from_db()
        with pytest.raises(RunRefused):
            change(run=run)


def lose(chunk) -> None:
    """Its worker died: the lease has run out."""
    BenchmarkChunk.objects.filter(pk=chunk.pk).update(lease_expires_at=timezone.now() - timezone.timedelta(seconds=1))


def test_a_dead_worker_costs_nothing_that_was_committed(begin, graph):
    run = begin()
    chunk = run.chunks.order_by("number").first()
    claimed = benching.claim_chunk(chunk_id=str(chunk.pk), worker="dead")
    pending = benching.list_pending(chunk=claimed)
    record = Bencher(run, graph).work_up(pending[0])
    assert benching.commit_result(chunk=claimed, row=pending[0].row, record=record, seconds=0.1)
    lose(chunk)
    assert sweeping.sweep_runs() == 1
    assert work(run).state == "SUCCEEDED"
    assert run.done_count == 3
    # The dead one wakes up, and may write nothing more.
    record = Bencher(run, graph).work_up(pending[1])
    assert not benching.commit_result(chunk=claimed, row=pending[1].row, record=record, seconds=0.1)
    run.refresh_from_db()
    assert run.done_count == 3


def test_a_worker_that_died_over_the_report_leaves_it_to_the_next(begin, monkeypatch):
    run = begin()
    first, last = run.chunks.order_by("number")
    work(run, first)
    monkeypatch.setattr(benching, "needs_report", lambda chunk: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work(run, last)
    monkeypatch.undo()
    lose(last)
    sweeping.sweep_runs()
    assert work(run).state == "SUCCEEDED"
    assert (run.done_count, run.report["records"]) == (3, 3)


def test_the_last_report_is_of_everything(begin):
    """Two workers finish at once: the report of the later one was made before the other's last result."""
    run = begin()
    first, last = run.chunks.order_by("number")
    work(run, first)
    claimed = benching.claim_chunk(chunk_id=str(last.pk), worker="late")
    assert not benching.finish_chunk(chunk=claimed, report={"records": 1}, records=1)
    run.refresh_from_db()
    assert run.state == "RUNNING"


def test_a_case_that_kills_its_workers_is_left_out(begin, settings):
    run = begin()
    chunk = run.chunks.order_by("number").first()
    for _ in range(settings.DATASETS["MAX_ATTEMPTS"]):
        assert benching.claim_chunk(chunk_id=str(chunk.pk), worker="dead") is not None
        lose(chunk)
        sweeping.sweep_runs()
    assert work(run).state == "SUCCEEDED"
    assert (run.done_count, run.failed_count, run.report["records"]) == (2, 1, 2)
    assert "stopped 3 times" in run.results.get(position=0).error_message


def test_cases_that_failed_are_tried_again_when_asked(begin, monkeypatch):
    run = begin()
    monkeypatch.setattr(Bencher, "work_up", lambda self, pending: 1 / 0)
    assert work(run).state == "FAILED"
    assert (run.failed_count, run.done_count, run.report) == (3, 0, {})
    monkeypatch.undo()
    steering.resume_run(run=run)
    assert work(run).state == "SUCCEEDED"
    assert (run.failed_count, run.done_count) == (0, 3)


@pytest.fixture
def release(settings):
    settings.SCRIPTED_MODELS = ["walk@0"]
    settings.MODEL_URL, settings.MODEL_NAME = "http://127.0.0.1:9/v1", "fake"
    register_configured()
    return ModelRelease.objects.get(key="openai:fake")


def test_a_model_is_benchmarked_as_the_release_it_is(begin, release, monkeypatch):
    run = begin(policy="model:openai:fake")
    assert (run.release, run.policy_label) == (release, release.label)
    assert run.manifest["release"] == release.content_hash
    # Nobody listens there: each case says so, and none counts as wrong.
    assert work(run).state == "FAILED"
    assert (run.failed_count, run.done_count) == (3, 0)
    assert run.results.filter(outcome="", error_message__gt="").count() == 3


def test_a_model_that_is_switched_off_is_neither_begun_nor_gone_on_with(begin, release, manager):
    run = begin(policy="model:openai:fake")
    disable_release(release=release, by=manager, reason="Invents results")
    assert work(run).state == "FAILED"
    assert "Invents results" in run.error_message
    assert run.failed_count == 0
    with pytest.raises(StopIteration):
        begin(policy="model:openai:fake", seed=9)


def test_another_program_or_graph_does_not_go_on(begin, graph, monkeypatch):
    run = begin()
    monkeypatch.setattr("datasets.services.bench_starting.code_hash", lambda: "other")
    with pytest.raises(BencherRefusal, match="has changed"):
        Bencher(run, graph)
    monkeypatch.setattr("datasets.tasks.bencher._held", [])
    assert work(run, run.chunks.first()).state == "FAILED"
    assert "Start a new run" in run.error_message
    assert not run.chunks.filter(state="QUEUED").exists()
