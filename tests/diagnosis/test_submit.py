"""Asking once, however often it is sent."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from diagnosis.models import GenerationJob, Session
from diagnosis.selectors.chat_models import UnknownChatModelError
from diagnosis.services import (
    IdempotencyConflict,
    JobNotRetryable,
    ServiceError,
    SessionBusy,
    SessionEnded,
    cancel_job,
    retry_turn,
    start_session,
    submit_turn,
)
from tests.diagnosis.factories import DIAGNOSE, live_job, make_case, make_session, make_user, take_turn

PARALLEL = 50


def at_once(action, times=PARALLEL):
    """Call ``action`` from many threads, each with its own connection. Returns results and errors."""

    def call(_):
        try:
            return action()
        except ServiceError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(call, range(times)))


@pytest.fixture
def stopped(session):
    cancel_job(job=live_job(session))
    return session


@pytest.mark.django_db
def test_the_same_key_and_request_gives_the_same_job(stopped):
    first = submit_turn(session=stopped, idempotency_key="k", request={"a": 1})
    assert submit_turn(session=stopped, idempotency_key="k", request={"a": 1}).pk == first.pk


@pytest.mark.django_db
def test_the_same_key_with_another_request_is_refused(stopped):
    submit_turn(session=stopped, idempotency_key="k", request={"a": 1})
    with pytest.raises(IdempotencyConflict):
        submit_turn(session=stopped, idempotency_key="k", request={"a": 2})


@pytest.mark.django_db
def test_while_a_turn_is_in_the_making_another_is_refused(session):
    with pytest.raises(SessionBusy):
        submit_turn(session=session, idempotency_key="k", request={})


@pytest.mark.django_db
def test_after_the_end_nothing_follows(session):
    take_turn(session, DIAGNOSE)
    with pytest.raises(SessionEnded):
        submit_turn(session=session, idempotency_key="k", request={})


@pytest.mark.django_db
def test_the_same_key_is_answered_even_after_the_end(session):
    job = live_job(session)
    take_turn(session, DIAGNOSE)
    assert (
        start_session(
            owner=session.owner, case=session.case, model_key=session.model_key, idempotency_key=session.idempotency_key
        )
        == session
    )
    assert session.jobs.get() == job


@pytest.mark.django_db
def test_a_retry_is_a_new_job_at_the_same_place(stopped):
    old = stopped.jobs.get()
    new = retry_turn(job=old, idempotency_key="again")
    assert (new.turn, new.parent_seq, new.state) == (old.turn, old.parent_seq, "QUEUED")
    assert retry_turn(job=old, idempotency_key="again").pk == new.pk


@pytest.mark.django_db
def test_only_the_newest_turn_is_retried(stopped):
    old = stopped.jobs.get()
    cancel_job(job=retry_turn(job=old, idempotency_key="again"))
    with pytest.raises(JobNotRetryable):
        retry_turn(job=old, idempotency_key="and again")


@pytest.mark.django_db
def test_a_turn_that_succeeded_is_not_retried(session):
    done = take_turn(session)
    cancel_job(job=live_job(session))
    with pytest.raises(JobNotRetryable):
        retry_turn(job=done, idempotency_key="again")


@pytest.mark.django_db
def test_an_unknown_model_starts_nothing(owner, case, scripted):
    with pytest.raises(UnknownChatModelError):
        start_session(owner=owner, case=case, model_key="openai:absent", idempotency_key="k")
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_a_start_key_for_another_model_is_refused(session, case):
    with pytest.raises(IdempotencyConflict):
        start_session(
            owner=session.owner, case=case, model_key="scripted:half", idempotency_key=session.idempotency_key
        )


@pytest.mark.django_db(transaction=True)
def test_fifty_equal_submits_at_once_make_one_turn(scripted):
    session = make_session()
    cancel_job(job=live_job(session))
    key = str(uuid4())
    jobs = at_once(lambda: submit_turn(session=session, idempotency_key=key, request={"mode": "watch"}))
    assert len({job.pk for job in jobs}) == 1
    assert GenerationJob.objects.filter(session=session, state="QUEUED").count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_different_submits_at_once_make_one_turn_and_49_refusals(scripted):
    session = make_session()
    cancel_job(job=live_job(session))
    answers = at_once(lambda: submit_turn(session=session, idempotency_key=str(uuid4()), request={}))
    assert sum(isinstance(answer, SessionBusy) for answer in answers) == PARALLEL - 1
    assert GenerationJob.objects.filter(session=session, state="QUEUED").count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_equal_starts_at_once_open_one_walkthrough(scripted):
    owner, case, key = make_user(), make_case(), str(uuid4())
    sessions = at_once(lambda: start_session(owner=owner, case=case, model_key="scripted:walk", idempotency_key=key))
    assert len({session.pk for session in sessions}) == 1
    assert GenerationJob.objects.count() == 1
