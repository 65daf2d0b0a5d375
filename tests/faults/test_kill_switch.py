"""A release is switched off while a real worker lets its model write."""

import pytest

from diagnosis.models import ModelRelease
from diagnosis.services import disable_release, enable_release, register_configured
from diagnosis.services.submitting import queue_turn
from tests.diagnosis import factories
from tests.stack.processes import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.fault]


@pytest.fixture
def release(stack):
    register_configured()
    return ModelRelease.objects.get(key="openai:fake")


def closed(scene) -> bool:
    return [call["end"] for call in scene.calls()] == ["disconnected"]


def test_a_turn_in_mid_answer_is_stopped_as_by_stop(scene, release):
    job = scene.start()
    scene.wait_for_words(job)
    disable_release(release=release, by=scene.owner, reason="It repeats itself")
    took = wait_until(lambda: closed(scene), seconds=3, what="the socket to close")
    assert took <= 1.0, f"the upstream socket closed after {took:.2f} s"
    scene.wait_for(job, "CANCELLED", seconds=5)
    ended = scene.job(job)
    assert ended.partial_text.startswith('{"reasoning":"')
    assert "It repeats itself." in ended.error_message
    assert scene.browser.retry(job.pk).status_code == 409
    page = scene.browser.http.get(f"/sessions/{scene.session.pk}/").text
    assert "It repeats itself." in page
    enable_release(release=release, by=scene.owner, reason="Mended")
    scene.upstream(tps=400.0)
    assert scene.browser.retry(job.pk).status_code in (200, 302)
    wait_until(lambda: scene.session.jobs.filter(state="SUCCEEDED").exists(), seconds=20, what="the turn")


def test_a_turn_that_slips_past_is_refused_by_the_worker(scene, release):
    """Queued in the same moment: the worker looks again before it asks."""
    ModelRelease.objects.filter(pk=release.pk).update(
        state="DISABLED", state_reason="It repeats itself", state_at="2026-11-23T00:00Z"
    )
    session = factories.make_session(scene.owner, model_key="scripted:walk@0")
    session.jobs.update(state="CANCELLED", finished_at="2026-11-23T00:00Z")
    session.model_key = "openai:fake"
    session.save(update_fields=["model_key"])
    queue_turn(session=session, idempotency_key="slipped", request_hash="0" * 64, number=2)
    slipped = session.jobs.get(idempotency_key="slipped")
    scene.wait_for(slipped, "FAILED", "CANCELLED", seconds=15)
    assert "It repeats itself." in scene.job(slipped).error_message
    assert scene.calls() == []
