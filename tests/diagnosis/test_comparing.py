"""The policy's own path beside a person's: asked for once, worked out once, kept, and never before the end."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from diagnosis.models import Comparison, Trajectory
from diagnosis.services import claim_comparison, fail_comparison, finish_comparison, retry_comparison, sweep_comparisons
from diagnosis.services.planning import load_case
from diagnosis.tasks import comparing
from medaction.domain.tree import Node, TrajectoryTree
from medaction.knowledge import KnowledgeError, open_graph
from medaction.knowledge.cache import default_cache
from tests.diagnosis.factories import DIAGNOSE, drive, make_drive, take_turn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_connection(monkeypatch):
    """A task closes its thread's connections when it is done; here they are the test's own."""
    monkeypatch.setattr(connections, "close_all", lambda: None)


@pytest.fixture
def ended(driven):
    drive(driven)
    drive(driven, DIAGNOSE)
    return driven


def run(session) -> Comparison:
    comparison = Comparison.objects.get(session=session)
    comparing.compare(comparison.pk)
    comparison.refresh_from_db()
    return comparison


def test_nothing_is_compared_before_the_end_nor_in_watch(driven, session):
    drive(driven)
    take_turn(session, DIAGNOSE)
    assert not Comparison.objects.exists()


def test_the_path_is_worked_out_judged_and_kept_whole(ended):
    comparison = run(ended)
    assert (comparison.state, comparison.verdict) == ("READY", "other")
    assert comparison.reference_verdict in {"same", "broader", "other"}
    assert comparison.graph_hash
    reference = comparison.reference
    fields = ("seq", "parent_seq", "kind", "content", "sampled", "content_hash")
    nodes = [Node.from_dict(node) for node in reference.nodes.order_by("seq").values(*fields)]
    TrajectoryTree(nodes).verify()
    assert reference.origin == "REFERENCE"
    assert reference.settings["environment"] == ended.trajectory.settings["environment"]
    last = nodes[-1].content["turn"]["action"]
    assert last["type"] == "diagnose"
    truth = load_case(ended.case_id).diagnosis
    assert comparison.reference_verdict == comparing.judge(comparing.open_solver().graph, truth, last["dx"])


def test_the_same_case_and_settings_are_worked_out_once(ended, case, monkeypatch):
    first = run(ended)

    def refuse(*_):
        raise AssertionError("worked out again")

    monkeypatch.setattr(comparing, "run_episode", refuse)
    other = make_drive(case=case)
    drive(other, DIAGNOSE)
    assert run(other).reference == first.reference
    assert Trajectory.objects.filter(origin="REFERENCE").count() == 1


def test_another_horizon_is_another_path(ended, case, settings):
    first = run(ended)
    settings.DIAGNOSIS = {**settings.DIAGNOSIS, "DRIVE_HORIZON": 3}
    other = make_drive(case=case)
    drive(other, DIAGNOSE)
    assert run(other).reference != first.reference


def test_a_task_that_comes_twice_does_nothing_the_second_time(ended):
    first = run(ended)
    again = run(ended)
    assert (again.attempt, again.finished_at) == (1, first.finished_at)


def test_a_failure_is_said_and_can_be_tried_again(ended, monkeypatch):
    def broken():
        raise KnowledgeError([])

    with monkeypatch.context() as patch:
        patch.setattr(comparing, "open_solver", broken)
        comparison = run(ended)
    assert (comparison.state, comparison.error_message) == ("FAILED", comparing.NO_GRAPH)
    retry_comparison(session=ended)
    retry_comparison(session=ended)
    assert run(ended).state == "READY"


def test_a_graph_that_is_not_there_is_compiled_by_another_process(tmp_path, monkeypatch, settings):
    commands = []
    ready = settings.GRAPH_CACHE or default_cache()
    open_graph(ready)

    def compile_elsewhere(command, **options):
        commands.append(command)
        for compiled in ready.glob("graph-*.kg"):
            (tmp_path / compiled.name).symlink_to(compiled)

    monkeypatch.setattr(comparing.subprocess, "run", compile_elsewhere)
    graph = comparing.open_compiled_graph(tmp_path)
    assert graph.hash == comparing.open_compiled_graph(ready).hash
    assert [command[1:] for command in commands] == [["-m", "medaction.cli", "kg", "build", "--cache", str(tmp_path)]]


def test_a_fault_of_ours_is_a_failure_too(ended, monkeypatch):
    monkeypatch.setattr(comparing, "judge", None)
    assert run(ended).error_message == comparing.BROKEN


def test_a_lost_worker_costs_at_most_three_attempts(ended, settings):
    comparison = Comparison.objects.get(session=ended)
    for attempt in (1, 2, 3):
        assert claim_comparison(comparison_id=comparison.pk).attempt == attempt
        Comparison.objects.update(started_at=timezone.now() - timedelta(hours=1))
        assert sweep_comparisons() == 1
    comparison.refresh_from_db()
    assert (comparison.state, comparison.finished_at is not None) == ("FAILED", True)


def test_a_superseded_attempt_writes_nothing(ended):
    old = claim_comparison(comparison_id=Comparison.objects.get(session=ended).pk)
    Comparison.objects.update(started_at=timezone.now() - timedelta(hours=1))
    sweep_comparisons()
    claim_comparison(comparison_id=old.pk)
    assert not fail_comparison(comparison=old, message="late")
    values = {"verdict": "same", "reference_verdict": "same", "graph_hash": "x"}
    assert not finish_comparison(comparison=old, reference=ended.trajectory, **values)


def test_what_no_worker_took_is_sent_again(ended):
    assert sweep_comparisons() == 0
    Comparison.objects.update(dispatched_at=timezone.now() - timedelta(hours=1))
    assert sweep_comparisons() == 1


@pytest.mark.parametrize(
    "values",
    [{"state": "READY"}, {"state": "FAILED"}, {"finished_at": timezone.now()}, {"state": "READY", "verdict": "same"}],
)
def test_a_comparison_is_never_half_done(ended, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Comparison.objects.update(**values)


def test_a_path_has_a_key_and_nothing_else_has_one(ended):
    reference = run(ended).reference
    for change in ({"reference_key": ""}, {"origin": "LIVE"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Trajectory.objects.filter(pk=reference.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Trajectory.objects.create(
            case=ended.case, origin="REFERENCE", reference_key=reference.reference_key, settings={}
        )
