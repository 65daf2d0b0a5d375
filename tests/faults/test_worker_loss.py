"""A worker dies or goes away: the turn is finished by another, once."""

import signal
import time

import pytest

from tests.stack.client import parts_of
from tests.stack.processes import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.fault]


def test_a_worker_killed_in_mid_answer(scene):
    job = scene.start()
    page = scene.browser.read_in_background(job.pk)
    scene.wait_for_words(job)
    scene.upstream(tps=400.0)
    scene.stack.worker.kill()
    killed = time.monotonic()
    scene.stack.worker.start()
    scene.wait_for(job, "SUCCEEDED", seconds=25)
    took = time.monotonic() - killed
    done = scene.job(job)
    assert done.attempt == 2
    assert took <= 20, f"finished {took:.1f} s after the kill"
    assert scene.session.trajectory.nodes.filter(kind="TURN", parent_seq=0).count() == 1
    reading = page.result()
    assert reading.attempt == 2
    assert reading.parts == parts_of(scene.stored_text(job))


def test_a_worker_that_stops_in_good_order_gives_its_turn_back(scene):
    job = scene.start()
    scene.wait_for_words(job)
    scene.upstream(tps=400.0)
    scene.stack.worker.send(signal.SIGTERM)
    wait_until(lambda: not scene.stack.worker.is_alive, seconds=10, what="the worker to stop")
    waiting = scene.job(job)
    assert (waiting.state, waiting.attempt) == ("QUEUED", 1)
    scene.stack.worker.start()
    scene.wait_for(job, "SUCCEEDED", seconds=15)
    assert scene.job(job).attempt == 2


def test_a_frozen_worker_that_wakes_up_writes_nothing(scene):
    """SIGSTOP outlasts the lease; a second attempt runs; then the first one wakes."""
    job = scene.start()
    page = scene.browser.read_in_background(job.pk)
    scene.wait_for_words(job)
    scene.upstream(tps=400.0)
    frozen = scene.stack.worker
    frozen.send(signal.SIGSTOP)
    second = scene.stack.another_worker()
    try:
        scene.wait_for(job, "SUCCEEDED", seconds=30)
        frozen.send(signal.SIGCONT)
        time.sleep(3)
        assert scene.job(job).attempt == 2
        assert scene.session.trajectory.nodes.filter(kind="TURN", parent_seq=0).count() == 1
        assert page.result().parts == parts_of(scene.stored_text(job))
    finally:
        frozen.send(signal.SIGCONT)
        second.stop()


def test_a_message_that_was_lost_is_sent_again(scene):
    """The worker takes the message and dies before it claims the job."""
    scene.stack.worker.kill()
    job = scene.start()
    scene.stack.drop_messages()
    scene.upstream(tps=400.0)
    scene.stack.worker.start()
    scene.wait_for(job, "SUCCEEDED", seconds=30)
    assert scene.job(job).attempt == 1
