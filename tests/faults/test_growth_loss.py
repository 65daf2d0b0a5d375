"""A run, a worker of its own, and what may happen to that: killed, paused, joined by another, its messages lost."""

import time
from collections import Counter

import pytest
from django.db.models import Count

from datasets.models import DistillationRun, RunCase, RunChunk, Score, Verdict
from datasets.services import steering
from datasets.services.starting import start_run
from diagnosis.models import TrajectoryNode
from medaction.distill.pruning import Thresholds
from medaction.distill.shape import GrowthConfig, TreeShape
from tests.datasets import factories
from tests.stack.processes import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.fault]
SHAPE = GrowthConfig(TreeShape(root=2, below=2, leaves=6))


@pytest.fixture
def growth(stack, graph):
    """The growth worker of this test."""
    yield stack.growth
    stack.growth.kill()


class Field:
    """One run and what has come of it."""

    def __init__(self, stack, settings, count: int = 24, policy: str = "kg") -> None:
        settings.DATASETS = {**settings.DATASETS, "CHUNK_CASES": 4}
        self.stack = stack
        cases = factories.make_cases(count)
        options = {"policy": policy, "config": SHAPE, "thresholds": Thresholds(), "seed": 5}
        self.run, _ = start_run(owner=None, name="Field", cases=cases, **options)

    @property
    def state(self) -> str:
        self.run.refresh_from_db()
        return self.run.state

    @property
    def grown(self) -> int:
        return RunCase.objects.filter(run=self.run, trajectory__isnull=False).count()

    def wait_for(self, condition, what: str, seconds: float = 120) -> float:
        return wait_until(condition, seconds=seconds, what=what, detail=self.stack.logs)

    def check(self) -> None:
        """Every case has one tree, every branch one score and one verdict, and the counts are those of the rows."""
        run = DistillationRun.objects.get(pk=self.run.pk)
        assert (run.state, run.grown_count, run.failed_count) == ("SUCCEEDED", run.case_count, 0)
        assert self.grown == run.case_count
        scores = Score.objects.filter(trajectory__run_case__run=run)
        assert scores.count() == run.branch_count == Verdict.objects.filter(selection__run=run).count()
        assert not scores.values("trajectory", "leaf_seq").annotate(n=Count("pk")).filter(n__gt=1).exists()
        assert run.node_count == TrajectoryNode.objects.filter(trajectory__run_case__run=run).count()
        kinds = Counter(Verdict.objects.filter(selection__run=run).values_list("verdict", flat=True))
        assert (run.retained_count, run.truncated_count) == (kinds["RETAINED"], kinds["TRUNCATED"])

    def hashes(self) -> list[str]:
        nodes = TrajectoryNode.objects.filter(trajectory__run_case__run=self.run)
        return list(nodes.order_by("trajectory__case__slug", "seq").values_list("content_hash", flat=True))


def test_a_worker_killed_in_mid_run_costs_one_tree_at_most(stack, growth, settings):
    field = Field(stack, settings)
    growth.start()
    field.wait_for(lambda: field.grown >= 3, "the first trees")
    growth.kill()
    killed, before = time.monotonic(), field.grown
    assert field.state == "RUNNING"
    growth.start()
    field.wait_for(lambda: field.grown > before, "another tree", seconds=60)
    took = time.monotonic() - killed
    field.wait_for(lambda: field.state == "SUCCEEDED", "the end of the run")
    field.check()
    assert RunChunk.objects.filter(run=field.run, attempt__gte=2).count() >= 1
    # The lease is 15 s, the sweep comes every 5 s; the rest is the start of a process on a busy machine.
    assert took < 45, f"{took:.1f} s without a tree"


def test_two_workers_make_the_same_run_as_one(stack, growth, settings):
    one = Field(stack, settings, count=12)
    growth.start()
    one.wait_for(lambda: one.state == "SUCCEEDED", "the first run")
    DistillationRun.objects.filter(pk=one.run.pk).update(state="CANCELLED")
    two = Field.__new__(Field)
    two.stack = stack
    cases = [row.case for row in one.run.cases.select_related("case").order_by("position")]
    options = {"policy": "kg", "config": SHAPE, "thresholds": Thresholds(), "seed": 5}
    second = stack.another_growth_worker()
    try:
        two.run, created = start_run(owner=None, name="Two", cases=cases, **options)
        assert created
        two.wait_for(lambda: two.state == "SUCCEEDED", "the second run")
    finally:
        second.kill()
    two.check()
    assert two.hashes() == one.hashes()
    assert len(set(two.run.chunks.values_list("worker", flat=True))) == 2


def test_a_run_is_paused_and_goes_on(stack, growth, settings):
    field = Field(stack, settings)
    growth.start()
    field.wait_for(lambda: field.grown >= 2, "the first trees")
    steering.pause_run(run=field.run)
    field.wait_for(lambda: not field.run.chunks.filter(state="RUNNING").exists(), "the worker to let go", seconds=30)
    paused = field.grown
    time.sleep(3)
    assert (field.state, field.grown) == ("PAUSED", paused)
    steering.resume_run(run=field.run)
    field.wait_for(lambda: field.state == "SUCCEEDED", "the end of the run")
    field.check()


def test_a_run_is_cancelled_at_once(stack, growth, settings):
    field = Field(stack, settings)
    growth.start()
    field.wait_for(lambda: field.grown >= 2, "the first trees")
    steering.cancel_run(run=field.run)
    cancelled = field.grown
    field.wait_for(lambda: not field.run.chunks.filter(state="RUNNING").exists(), "the worker to let go", seconds=30)
    assert (field.state, field.grown) == ("CANCELLED", cancelled)
    assert set(field.run.chunks.values_list("state", flat=True)) <= {"CANCELLED", "SUCCEEDED"}


def test_lost_messages_are_sent_again(stack, growth, settings):
    field = Field(stack, settings, count=8, policy="random")
    stack.drop_messages()
    growth.start()
    # Forgotten for 20 s, then put before the workers again.
    field.wait_for(lambda: field.state == "SUCCEEDED", "the end of the run", seconds=90)
    field.check()


def test_live_dialogue_goes_on_beside_a_run(scene, growth, settings):
    """Tokens come as they came before: the run computes in another process."""
    Field(scene.stack, settings)
    growth.start()
    scene.upstream(tokens=60, tps=60.0)
    job = scene.start()
    reading = scene.browser.read(job.pk)
    assert reading.end is not None
    scene.wait_for(job, "SUCCEEDED")
