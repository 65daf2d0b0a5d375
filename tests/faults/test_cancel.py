"""Stop, at every moment: before the worker, before the first token, in mid-answer, between turns."""

import time

import pytest

from tests.stack.processes import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.fault]


def closed(scene) -> bool:
    return [call["end"] for call in scene.calls()] == ["disconnected"]


def test_before_a_worker_takes_it(scene):
    scene.stack.worker.kill()
    job = scene.start()
    page = scene.browser.read_in_background(job.pk)
    time.sleep(0.5)
    assert scene.browser.cancel(job.pk).status_code in (200, 302)
    assert scene.job(job).state == "CANCELLED"
    assert page.result(10).end["state"] == "CANCELLED"
    scene.stack.worker.start()
    time.sleep(3)
    assert scene.calls() == []


def test_before_the_first_token(scene):
    scene.upstream(mode="hang_before_first_token")
    job = scene.start()
    wait_until(lambda: len(scene.calls()) == 1, seconds=15, what="the call of the model")
    scene.browser.cancel(job.pk)
    took = wait_until(lambda: closed(scene), seconds=3, what="the socket to close")
    assert took <= 1.0, f"the upstream socket closed after {took:.2f} s"
    scene.wait_for(job, "CANCELLED", seconds=3)
    assert scene.job(job).partial_text == ""


def test_in_mid_answer_the_text_is_kept(scene):
    job = scene.start()
    page = scene.browser.read_in_background(job.pk)
    scene.wait_for_words(job)
    scene.browser.cancel(job.pk)
    took = wait_until(lambda: closed(scene), seconds=3, what="the socket to close")
    assert took <= 1.0, f"the upstream socket closed after {took:.2f} s"
    reading = page.result(10)
    assert reading.end["state"] == "CANCELLED"
    kept = scene.job(job).partial_text
    assert kept.startswith('{"reasoning":"')
    assert scene.session.jobs.count() == 1
    assert scene.browser.http.get(f"/sessions/{scene.session.pk}/").status_code == 200


def test_in_mid_answer_while_redis_is_away(scene):
    """The flag in PostgreSQL is enough; it takes one heartbeat."""
    job = scene.start()
    scene.wait_for_words(job)
    with scene.stack.redis_away():
        scene.browser.cancel(job.pk)
        wait_until(lambda: closed(scene), seconds=8, what="the socket to close")
    scene.wait_for(job, "CANCELLED", seconds=10)


def test_retry_after_stop_finishes(scene):
    job = scene.start()
    scene.wait_for_words(job)
    scene.browser.cancel(job.pk)
    scene.wait_for(job, "CANCELLED", seconds=5)
    scene.upstream(tps=400.0)
    assert scene.browser.retry(job.pk).status_code in (200, 302)
    again = scene.session.jobs.exclude(pk=job.pk).order_by("queued_at").first()
    scene.wait_for(again, "SUCCEEDED", seconds=20)
    assert (again.turn, again.parent_seq) == (job.turn, job.parent_seq)


def test_stopping_twice_is_stopping_once(scene):
    job = scene.start()
    scene.wait_for_words(job)
    for _ in range(3):
        assert scene.browser.cancel(job.pk).status_code in (200, 302)
    scene.wait_for(job, "CANCELLED", seconds=5)
