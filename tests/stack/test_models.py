"""A worker that starts registers the models of the settings and asks them, without waiting for the beat."""

import pytest

from diagnosis.models import ModelRelease
from tests.stack.processes import wait_until

pytestmark = pytest.mark.stack


def test_a_new_worker_registers_and_asks_the_models(stack):
    stack.beat.stop()
    second = stack.another_worker()
    try:
        wait_until(
            lambda: ModelRelease.objects.filter(key="openai:fake", health="OK").exists(),
            seconds=30,
            what="the models to be asked",
            detail=stack.logs,
        )
    finally:
        second.stop()
    releases = ModelRelease.objects.all()
    assert {release.key for release in releases} >= {"openai:fake", "scripted:walk"}
    assert all(len(release.prompt_hash) == 64 for release in releases)
