"""What PostgreSQL itself refuses, whatever the program does."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from datasets.models import (
    Dataset,
    DatasetVersion,
    DistillationRun,
    Export,
    RunCase,
    RunChunk,
    Score,
    SplitGroup,
    Verdict,
)
from datasets.services.storing import TreeToStore, store_trees
from diagnosis.models import TrajectoryNode
from medaction.domain.case import Case as DomainCase
from medaction.domain.tree import Node, TrajectoryTree
from tests.datasets import factories
from tests.datasets.trees import make_record

pytestmark = pytest.mark.django_db


def refused(action):
    def act():
        action()
        # What is checked at the end of a transaction is checked here.
        transaction.get_connection().check_constraints()

    with pytest.raises(IntegrityError), transaction.atomic():
        act()


@pytest.fixture
def version(db):
    dataset = Dataset.objects.create(slug="teaching", name="Teaching")
    return DatasetVersion.objects.create(dataset=dataset, number=1)


@pytest.fixture
def frozen(version, run):
    version.selections.add(run.selections.get())
    SplitGroup.objects.create(version=version, group_key="group-0000", split="train")
    done = {"state": "SUCCEEDED", "finished_at": timezone.now(), "content_hash": "c" * 64}
    assert DatasetVersion.objects.filter(pk=version.pk).update(**done) == 1
    version.refresh_from_db()
    return version


@pytest.mark.parametrize(
    "change",
    [
        lambda version: DatasetVersion.objects.filter(pk=version.pk).update(manifest={"n": 1}),
        lambda version: DatasetVersion.objects.filter(pk=version.pk).update(
            state="QUEUED", finished_at=None, content_hash=""
        ),
        lambda version: DatasetVersion.objects.filter(pk=version.pk)._raw_delete("default"),
        lambda version: SplitGroup.objects.create(version=version, group_key="another", split="test"),
        lambda version: version.groups.update(split="test"),
        lambda version: version.groups.all()._raw_delete("default"),
        lambda version: version.selections.clear(),
    ],
    ids=["its content", "thawing", "deleting", "a new group", "another split", "fewer groups", "other selections"],
)
def test_a_frozen_version_never_changes(frozen, change):
    refused(lambda: change(frozen))


def test_a_group_of_a_frozen_version_does_not_move_to_another(frozen):
    other = DatasetVersion.objects.create(dataset=frozen.dataset, number=2)
    refused(lambda: frozen.groups.update(version=other))


def test_a_group_is_on_one_side_of_a_split(version):
    SplitGroup.objects.create(version=version, group_key="patient", split="train")
    refused(lambda: SplitGroup.objects.create(version=version, group_key="patient", split="test"))


def test_a_version_is_frozen_with_its_hash(version):
    done = {"state": "SUCCEEDED", "finished_at": timezone.now()}
    refused(lambda: DatasetVersion.objects.filter(pk=version.pk).update(**done))


def test_an_export_is_done_when_its_file_is_there(frozen):
    export = Export.objects.create(version=frozen, format="sft")
    done = {"state": "SUCCEEDED", "finished_at": timezone.now()}
    refused(lambda: Export.objects.filter(pk=export.pk).update(**done, sha256="e" * 64))
    assert Export.objects.filter(pk=export.pk).update(**done, sha256="e" * 64, file="x", size_bytes=1) == 1
    refused(lambda: Export.objects.create(version=frozen, format="sft"))


def test_scores_and_verdicts_are_append_only(run):
    refused(lambda: Score.objects.update(dtc=1.0))
    refused(lambda: Verdict.objects.update(verdict="RETAINED"))
    refused(lambda: Verdict.objects.all()._raw_delete("default"))


def test_what_decides_a_run_never_changes(run):
    runs = DistillationRun.objects.filter(pk=run.pk)
    for change in ({"seed": 2}, {"thresholds": {}}, {"fingerprint": "x"}, {"case_count": 9}):
        refused(lambda change=change: runs.update(**change))
    refused(lambda: run.selections.update(thresholds={}))


def test_a_run_is_made_once_unless_it_was_given_up(waiting_run, cases):
    same = {"fingerprint": waiting_run.fingerprint}
    refused(lambda: factories.make_run(cases, **same))
    DistillationRun.objects.filter(pk=waiting_run.pk).update(state="CANCELLED", finished_at=timezone.now())
    factories.make_run(cases, **same)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "SUCCEEDED"},
        {"finished_at": timezone.now()},
        {"grown_count": 4},
        {"grown_count": 2, "failed_count": 2},
        {"retained_count": 1},
    ],
    ids=["an end without a time", "a time without an end", "more trees than cases", "and failures", "no such branch"],
)
def test_the_counts_and_states_of_a_run_agree(waiting_run, values):
    refused(lambda: DistillationRun.objects.filter(pk=waiting_run.pk).update(**values))


@pytest.mark.parametrize("values", [{"state": "RUNNING"}, {"lease_expires_at": timezone.now()}, {"state": "FAILED"}])
def test_work_is_never_half_in_a_state(waiting_run, values):
    chunk = RunChunk.objects.create(run=waiting_run, number=0)
    refused(lambda: RunChunk.objects.filter(pk=chunk.pk).update(**values))


def test_a_case_is_once_in_a_run_and_has_one_tree(run, cases):
    refused(lambda: RunCase.objects.create(run=run, case=cases[0], position=9))
    refused(lambda: RunCase.objects.filter(run=run).update(trajectory=RunCase.objects.first().trajectory))


def test_a_tree_is_stored_once(run, cases):
    record = make_record(DomainCase.from_dict(cases[0].payload))
    refused(lambda: store_trees(run=run, selection=run.selections.get(), trees=[TreeToStore(cases[0].pk, record)]))


def test_a_score_belongs_to_a_node_and_stays_between_0_and_1(run):
    score = Score.objects.first()
    values = {"metric_version": "2", "graph_hash": "g", "turns": 1, "detail": {}, "trajectory": score.trajectory}
    refused(lambda: Score.objects.create(**values, leaf_seq=999))
    refused(lambda: Score.objects.create(**values, leaf_seq=score.leaf_seq, dtc=1.5))
    refused(lambda: Score.objects.create(**{**values, "metric_version": "1", "graph_hash": "g" * 64}, leaf_seq=3))
    Score.objects.create(**values, leaf_seq=score.leaf_seq)


def test_what_was_stored_is_the_tree_that_grew(run, cases):
    """Every hash, computed anew from what the database gives back."""
    for row in run.cases.all():
        stored = TrajectoryNode.objects.filter(trajectory=row.trajectory_id).order_by("seq")
        nodes = stored.values("seq", "parent_seq", "kind", "content", "sampled", "content_hash")
        TrajectoryTree(map(Node.from_dict, nodes)).verify()
        assert len(nodes) == row.node_count
