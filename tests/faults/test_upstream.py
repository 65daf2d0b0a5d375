"""A model server that misbehaves: the turn says which way and can be tried again; no text is wrong."""

import pytest

from tests.stack.client import parts_of

pytestmark = [pytest.mark.stack, pytest.mark.fault]

FAULTS = {
    "status500": "HTTP_STATUS",
    "html": "BAD_STREAM",
    "garbage": "BAD_STREAM",
    "refuse": "UNREACHABLE",
    "hang_before_headers": "FIRST_TOKEN_TIMEOUT",
    "hang_before_first_token": "FIRST_TOKEN_TIMEOUT",
    "hang_mid": "IDLE_TIMEOUT",
    "cut": "TRUNCATED_STREAM",
    "reset": "TRUNCATED_STREAM",
    "error_midstream": "UPSTREAM_ERROR",
    "garbage_midstream": "BAD_STREAM",
    "huge_line": "BAD_STREAM",
}


@pytest.mark.parametrize(("mode", "code"), FAULTS.items())
def test_a_fault_fails_the_turn_and_a_retry_finishes_it(scene, mode, code):
    scene.upstream(mode=mode, tps=200.0)
    job = scene.start()
    reading = scene.browser.read(job.pk, seconds=20)
    assert reading.end == {"state": "FAILED", "next": None}
    failed = scene.job(job)
    assert failed.error_code == code
    assert "model server" in failed.error_message
    scene.upstream(tps=400.0, tokens=20)
    scene.browser.retry(job.pk)
    again = scene.session.jobs.order_by("-queued_at").exclude(pk=job.pk).get(turn=2)
    reading = scene.browser.read(again.pk)
    assert reading.end["state"] == "SUCCEEDED"
    assert reading.parts == parts_of(scene.stored_text(again))


@pytest.mark.parametrize("mode", ["crlf", "split_utf8", "no_done", "duplicate_finish"])
def test_an_odd_but_complete_answer_is_taken(scene, mode):
    scene.upstream(mode=mode, tps=400.0)
    job = scene.start()
    reading = scene.browser.read(job.pk)
    assert reading.end["state"] == "SUCCEEDED"
    assert reading.parts == parts_of(scene.stored_text(job))


def test_an_unreadable_answer_is_asked_for_once_more_and_then_counted(scene):
    scene.upstream(shape="lorem", tps=400.0, tokens=30)
    job = scene.start()
    reading = scene.browser.read(job.pk)
    assert reading.end["state"] == "SUCCEEDED"
    assert len(scene.calls()) >= 2
    content = scene.session.trajectory.nodes.get(seq=1).content
    assert (content["format_failure"], content["repaired"]) == (True, True)
    assert content["problems"] == ["NOT_JSON"]
    assert content["rejected_text"] != content["text"]
    assert reading.parts == parts_of(content["text"])
    first, second = scene.calls()[:2]
    assert second["body"]["messages"][: len(first["body"]["messages"])] == first["body"]["messages"]


def test_an_answer_repaired_at_the_second_try_is_a_turn(scene):
    scene.upstream(tps=400.0, tokens=30)
    scene.stack.upstream.control("next", [{"shape": "lorem", "tps": 400.0, "tokens": 30}])
    job = scene.start()
    reading = scene.browser.read(job.pk)
    content = scene.session.trajectory.nodes.get(seq=1).content
    assert (content["format_failure"], content["repaired"]) == (False, True)
    assert reading.parts == parts_of(content["text"])
    assert scene.session.trajectory.nodes.get(seq=2).content["results"]
