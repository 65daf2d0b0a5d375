"""Redis is a cache: wiped, killed or empty, no turn is lost and every page ends right."""

import pytest
from django.utils import timezone

from diagnosis.models import ModelRelease
from tests.stack.client import parts_of
from tests.stack.doorbell import open_socket, rings
from tests.stack.processes import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.fault]


def test_wiped_in_mid_answer(scene):
    job = scene.start()
    page = scene.browser.read_in_background(job.pk)
    scene.wait_for_words(job)
    scene.stack.wipe_redis()
    reading = page.result()
    assert reading.end["state"] == "SUCCEEDED"
    assert reading.parts == parts_of(scene.stored_text(job))
    assert scene.job(job).attempt == 1


def test_killed_and_started_empty_in_mid_answer(scene):
    job = scene.start()
    page = scene.browser.read_in_background(job.pk)
    scene.wait_for_words(job)
    scene.upstream(tps=400.0)
    scene.stack.restart_redis(away_seconds=2)
    reading = page.result()
    assert reading.end["state"] == "SUCCEEDED"
    assert scene.job(job).attempt == 1
    following = scene.session.jobs.exclude(pk=job.pk).get(turn=3)
    scene.wait_for(following, "SUCCEEDED", seconds=60)
    assert scene.browser.read(job.pk).end["state"] == "SUCCEEDED"


def test_away_until_after_the_end_of_the_answer(scene):
    scene.upstream(tps=60.0)
    job = scene.start()
    page = scene.browser.read_in_background(job.pk)
    scene.wait_for_words(job)
    with scene.stack.redis_away():
        scene.wait_for(job, "SUCCEEDED", seconds=20)
    assert page.result().end["state"] == "SUCCEEDED"
    assert scene.stored_text(job)


def test_a_walkthrough_started_while_redis_is_away(scene):
    scene.upstream(tps=400.0)
    with scene.stack.redis_away():
        job = scene.start()
    scene.wait_for(job, "SUCCEEDED", seconds=60)


def test_the_doorbell_opens_again_after_a_restart(scene):
    scene.stack.upstream.control("default", {"mode": "hang_before_headers", "tokens": 1, "tps": 1.0, "shape": "turn"})
    with open_socket(scene.stack, scene.browser):
        pass
    scene.stack.restart_redis()
    with open_socket(scene.stack, scene.browser) as socket:
        scene.start()
        # A queue that had to wait for Redis may be told first.
        heard = iter(lambda: rings(socket, 1)[0], {"kind": "session", "id": str(scene.session.pk)})
        assert all(ring == {"kind": "queue"} for ring in heard)


def test_a_worker_outlives_a_restart(scene):
    """A worker that has just begun holds messages for later, which cannot be put back when Redis is gone."""
    worker = scene.stack.worker
    worker.stop()
    checked = ModelRelease.objects.filter(health_checked_at__gt=timezone.now())
    worker.start()
    wait_until(checked.exists, seconds=60, what="the worker to ask how the models are", detail=scene.stack.logs)
    pid = worker.pid
    scene.stack.restart_redis(away_seconds=3)
    scene.upstream(tps=400.0)
    scene.wait_for(scene.start(), "SUCCEEDED", seconds=60)
    assert worker.is_alive
    assert worker.pid == pid
