"""What PostgreSQL itself refuses, whatever the program does."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from diagnosis.models import GenerationJob, Session, TrajectoryNode
from tests.diagnosis.factories import live_job, take_turn

pytestmark = pytest.mark.django_db


def refused(action, error=IntegrityError):
    with pytest.raises(error), transaction.atomic():
        action()


def make_job(session, **values):
    defaults = {"idempotency_key": str(uuid4()), "request_hash": "0" * 64, "turn": 2, "parent_seq": 0}
    return GenerationJob.objects.create(session=session, **{**defaults, **values})


def test_a_session_has_one_live_job(session):
    refused(lambda: make_job(session))


def test_a_key_is_used_once_in_a_session(session):
    job = live_job(session)
    ended = {"state": "CANCELLED", "finished_at": timezone.now()}
    refused(lambda: make_job(session, idempotency_key=job.idempotency_key, **ended))


def test_a_key_opens_one_session_for_its_owner(session, case):
    copy = Session(owner=session.owner, case=case, trajectory=session.trajectory, model_key="x", model_label="x")
    copy.idempotency_key = session.idempotency_key
    refused(copy.save)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "FAILED"},
        {"finished_at": timezone.now()},
        {"state": "RUNNING"},
        {"lease_expires_at": timezone.now()},
        {"state": "SUCCEEDED", "finished_at": timezone.now()},
        {"node_seq": 1},
    ],
    ids=[
        "ended without a time",
        "a time without an end",
        "running without a lease",
        "a lease while waiting",
        "success without a node",
        "a node without success",
    ],
)
def test_a_job_is_never_half_in_a_state(session, values):
    refused(lambda: GenerationJob.objects.filter(pk=live_job(session).pk).update(**values))


def test_a_session_ends_with_a_time(session):
    refused(lambda: Session.objects.filter(pk=session.pk).update(state="TERMINATED"))


def test_nodes_are_neither_changed_nor_deleted(session):
    take_turn(session)
    nodes = TrajectoryNode.objects.filter(trajectory=session.trajectory)
    refused(lambda: nodes.filter(seq=1).update(content={}), DatabaseError)
    refused(lambda: nodes.filter(seq=2)._raw_delete("default"), DatabaseError)


@pytest.mark.parametrize(
    "place",
    [
        {"seq": 0, "parent_seq": None},
        {"seq": 1, "parent_seq": None},
        {"seq": 1, "parent_seq": 1},
        {"seq": 3, "parent_seq": 2},
    ],
    ids=["number taken", "second root", "its own parent", "parent that is not there"],
)
def test_a_node_has_one_place_in_its_tree(session, place):
    values = {"kind": "TURN", "content": {}, "sampled": True, "content_hash": "0" * 64}
    refused(lambda: TrajectoryNode.objects.create(trajectory=session.trajectory, **place, **values))


def test_a_case_has_one_current_revision(case):
    fields = {name: getattr(case, name) for name in ("slug", "title", "specialty", "presentation", "source", "licence")}
    fields |= {"group_key": "g", "synthetic": True, "payload": case.payload, "content_hash": "0" * 64}
    refused(lambda: type(case).objects.create(**fields, revision=2))
    refused(lambda: type(case).objects.create(**fields, revision=1, is_current=False))


def test_a_lease_in_the_future_is_allowed(session):
    until = timezone.now() + timedelta(seconds=15)
    assert GenerationJob.objects.filter(session=session).update(state="RUNNING", lease_expires_at=until) == 1
