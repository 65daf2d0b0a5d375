"""The whole way: a POST, a real worker, a real stream, to the end."""

import pytest

from diagnosis.models import GenerationJob, Session
from diagnosis.selectors.sessions import get_session
from diagnosis.selectors.walkthrough import get_walkthrough
from tests.diagnosis import factories
from tests.stack.client import parts_of

pytestmark = pytest.mark.stack


def test_a_watched_case_streams_to_its_end(stack, browse):
    owner = factories.make_user()
    browser = browse(owner)
    response = browser.watch(factories.make_case(), "scripted:walk@400")
    assert response.status_code == 302
    session = Session.objects.get(owner=owner)
    job_id = session.jobs.get().pk
    turns = 0
    while job_id:
        reading = browser.read(job_id)
        turns += 1
        assert reading.end["state"] == "SUCCEEDED"
        job = GenerationJob.objects.get(pk=job_id)
        stored = session.trajectory.nodes.get(seq=job.node_seq).content["text"]
        assert reading.parts == parts_of(stored)
        job_id = reading.end["next"]
    assert turns == 5
    session.refresh_from_db()
    assert session.state == Session.State.TERMINATED
    walkthrough = get_walkthrough(get_session(owner=owner, session_id=session.pk))
    assert walkthrough.ended
    assert walkthrough.reveal.given
