"""The life of a job: claimed once, fenced by its attempt, ended once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from diagnosis.models import GenerationJob, TrajectoryNode
from diagnosis.services import (
    Progress,
    cancel_job,
    checkpoint_jobs,
    claim_job,
    fail_job,
    finish_job,
    plan_turn,
    release_job,
    stop_job,
    sweep_jobs,
)
from tests.diagnosis.factories import ORDER, live_job, make_answer, make_session, take_turn

pytestmark = pytest.mark.django_db


def claim(session):
    held = claim_job(job_id=live_job(session).pk, worker="one")
    assert held is not None
    return held.job, held.attempt


def expire(job):
    GenerationJob.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def state_of(job):
    job.refresh_from_db()
    return job.state


def test_a_claim_counts_the_attempt_and_sets_a_lease(session):
    job, attempt = claim(session)
    assert (job.state, attempt, job.worker) == ("RUNNING", 1, "one")
    assert timedelta(seconds=8) < job.lease_expires_at - timezone.now() < timedelta(seconds=16)


def test_a_job_is_claimed_once(session):
    job, _ = claim(session)
    assert claim_job(job_id=job.pk, worker="two") is None


@pytest.mark.django_db(transaction=True)
def test_of_many_claimers_at_once_one_gets_the_job(scripted):
    job = live_job(make_session())

    def take(number):
        try:
            return claim_job(job_id=job.pk, worker=str(number))
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        claims = [held for held in pool.map(take, range(12)) if held]
    assert len(claims) == 1
    assert state_of(job) == "RUNNING"
    assert job.attempt == 1


@pytest.mark.parametrize("end", ["finish", "fail", "stop", "release"])
def test_a_superseded_attempt_changes_nothing(session, end):
    job, old = claim(session)
    expire(job)
    sweep_jobs()
    _, new = claim(session)
    assert (old, new) == (1, 2)
    late = {
        "finish": lambda: finish_job(job_id=job.pk, attempt=old, answer=make_answer()),
        "fail": lambda: fail_job(job_id=job.pk, attempt=old, code="X", message="x"),
        "stop": lambda: stop_job(job_id=job.pk, attempt=old, partial_text="late"),
        "release": lambda: release_job(job_id=job.pk, attempt=old),
    }[end]
    assert late() is None
    assert state_of(job) == "RUNNING"
    assert job.attempt == 2
    assert TrajectoryNode.objects.count() == 1
    assert finish_job(job_id=job.pk, attempt=new, answer=make_answer()).state == "SUCCEEDED"


def test_a_turn_is_committed_once(session):
    job, attempt = claim(session)
    assert finish_job(job_id=job.pk, attempt=attempt, answer=make_answer()) is not None
    assert finish_job(job_id=job.pk, attempt=attempt, answer=make_answer()) is None
    assert TrajectoryNode.objects.filter(kind="TURN").count() == 1


def test_a_checkpoint_renews_stores_and_tells(session):
    job, attempt = claim(session)
    GenerationJob.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now())
    seen = timezone.now()
    held = checkpoint_jobs(progress=[Progress(job.pk, attempt, "half a sen", seen)])
    assert (held.job_ids, held.cancelled) == ({job.pk}, frozenset())
    job.refresh_from_db()
    assert (job.partial_text, job.first_token_at) == ("half a sen", seen)
    assert job.lease_expires_at > timezone.now() + timedelta(seconds=8)
    cancel_job(job=job)
    held = checkpoint_jobs(progress=[Progress(job.pk, attempt, None, None)])
    assert held.cancelled == {job.pk}
    job.refresh_from_db()
    assert job.partial_text == "half a sen"


def test_a_lost_attempt_is_told_so(session):
    job, attempt = claim(session)
    expire(job)
    sweep_jobs()
    held = checkpoint_jobs(progress=[Progress(job.pk, attempt, "late", None)])
    assert held.job_ids == frozenset()
    job.refresh_from_db()
    assert job.partial_text == ""


def test_cancelling_a_waiting_job_ends_it_at_once(session):
    job = cancel_job(job=live_job(session))
    assert state_of(job) == "CANCELLED"
    assert claim_job(job_id=job.pk, worker="late") is None
    assert cancel_job(job=job).state == "CANCELLED"


def test_cancelling_a_running_job_is_a_wish_that_its_worker_grants(session):
    job, attempt = claim(session)
    assert cancel_job(job=job).state == "RUNNING"
    first = cancel_job(job=job).cancel_requested_at
    assert cancel_job(job=job).cancel_requested_at == first
    assert stop_job(job_id=job.pk, attempt=attempt, partial_text=ORDER[:40]).state == "CANCELLED"
    assert state_of(job) == "CANCELLED"
    assert job.partial_text == ORDER[:40]


def test_a_stop_before_the_commit_wins(session):
    job, attempt = claim(session)
    cancel_job(job=job)
    assert finish_job(job_id=job.pk, attempt=attempt, answer=make_answer()).state == "CANCELLED"
    assert TrajectoryNode.objects.filter(kind="TURN").count() == 0
    assert not GenerationJob.objects.filter(state="QUEUED").exists()


def test_a_stop_between_two_turns_stops_the_one_that_was_queued(session):
    done = take_turn(session)
    following = live_job(session)
    assert cancel_job(job=done).pk == following.pk
    assert state_of(following) == "CANCELLED"
    assert state_of(done) == "SUCCEEDED"


def test_a_failure_keeps_its_code_sentence_and_text(session):
    job, attempt = claim(session)
    fail_job(job_id=job.pk, attempt=attempt, code="IDLE_TIMEOUT", message="It stopped.", partial_text="so far")
    assert state_of(job) == "FAILED"
    assert (job.error_code, job.error_message, job.partial_text) == ("IDLE_TIMEOUT", "It stopped.", "so far")
    assert session.jobs.count() == 1


def test_a_released_job_waits_again(session):
    job, attempt = claim(session)
    assert release_job(job_id=job.pk, attempt=attempt).state == "QUEUED"
    assert claim(session)[1] == 2


def test_the_same_question_is_asked_in_every_attempt(session):
    take_turn(session)
    job, _ = claim(session)
    first = plan_turn(job)
    expire(job)
    sweep_jobs()
    again, attempt = claim(session)
    assert attempt == 2
    assert plan_turn(again) == first
    assert first.request.messages[-2] == {"role": "assistant", "content": ORDER}


def test_the_last_turn_must_diagnose(session):
    for _ in range(4):
        take_turn(session)
    job, _ = claim(session)
    assert plan_turn(job).must_diagnose


class TestSweeper:
    def test_a_lost_worker_costs_an_attempt(self, session):
        job, _ = claim(session)
        expire(job)
        assert sweep_jobs().requeued == 1
        assert state_of(job) == "QUEUED"

    def test_the_third_loss_fails_with_a_plain_sentence(self, session):
        for _ in range(3):
            job, _ = claim(session)
            expire(job)
            report = sweep_jobs()
        assert report.failed == 1
        assert state_of(job) == "FAILED"
        assert job.error_code == "WORKER_LOST"
        assert "3 times" in job.error_message

    def test_a_wish_to_stop_is_granted_without_a_worker(self, session):
        job, attempt = claim(session)
        checkpoint_jobs(progress=[Progress(job.pk, attempt, "what was said", None)])
        cancel_job(job=job)
        expire(job)
        assert sweep_jobs().cancelled == 1
        assert state_of(job) == "CANCELLED"
        assert job.partial_text == "what was said"

    def test_a_living_lease_is_left_alone(self, session):
        job, _ = claim(session)
        cancel_job(job=job)
        report = sweep_jobs()
        assert (report.requeued, report.cancelled) == (0, 0)
        assert state_of(job) == "RUNNING"

    def test_a_forgotten_job_is_sent_again_and_then_given_time(self, session):
        job = live_job(session)
        assert sweep_jobs().redispatched == 0
        GenerationJob.objects.filter(pk=job.pk).update(dispatched_at=timezone.now() - timedelta(seconds=11))
        assert sweep_jobs().redispatched == 1
        assert sweep_jobs().redispatched == 0
