"""One walkthrough through the services alone."""

import pytest

from diagnosis.models import GenerationJob, Session
from diagnosis.selectors.sessions import get_session
from diagnosis.selectors.walkthrough import get_walkthrough
from medaction.domain.tree import Node, TrajectoryTree
from tests.diagnosis.factories import DIAGNOSE, ORDER, live_job, take_turn

pytestmark = pytest.mark.django_db


def nodes_of(session):
    fields = ("seq", "parent_seq", "kind", "content", "sampled", "content_hash")
    return [Node.from_dict(node) for node in session.trajectory.nodes.order_by("seq").values(*fields)]


def test_starting_gives_the_first_observation_and_a_waiting_turn(session, case):
    assert session.state == Session.State.ACTIVE
    (root,) = nodes_of(session)
    assert "".join(segment["text"] for segment in root.content["segments"]) == case.payload["o1"]
    job = live_job(session)
    assert (job.state, job.turn, job.parent_seq, job.attempt) == ("QUEUED", 2, 0, 0)


def test_a_turn_is_committed_with_its_results_and_the_next_is_queued(session):
    done = take_turn(session)
    assert done.state == GenerationJob.State.SUCCEEDED
    _, turn, observed = nodes_of(session)
    assert (turn.kind, turn.sampled, turn.content["text"]) == ("TURN", True, ORDER)
    assert (observed.kind, observed.sampled) == ("OBSERVATION", False)
    outcomes = [result["outcome"] for result in observed.content["results"]]
    assert outcomes[-1] == "UNAVAILABLE"
    assert session.leaf_seq == observed.seq
    following = live_job(session)
    assert (following.turn, following.parent_seq) == (3, observed.seq)


def test_a_diagnosis_terminates(session):
    take_turn(session)
    take_turn(session, DIAGNOSE)
    assert session.state == Session.State.TERMINATED
    assert session.ended_at is not None
    assert not session.jobs.filter(state__in=["QUEUED", "RUNNING"]).exists()


def test_orders_to_the_end_truncate(session):
    for _ in range(5):
        take_turn(session)
    assert session.state == Session.State.TRUNCATED
    assert session.jobs.count() == 5


def test_the_stored_tree_is_whole(session):
    take_turn(session)
    take_turn(session, DIAGNOSE)
    TrajectoryTree(nodes_of(session)).verify()


def test_an_unreadable_answer_counts_and_reveals_nothing(session):
    take_turn(session, "I would rather talk about the weather.")
    _, turn, observed = nodes_of(session)
    assert turn.content["format_failure"] is True
    assert turn.content["problems"] == ["NOT_JSON"]
    assert observed.content["results"] == []
    assert live_job(session).turn == 3


def test_the_walkthrough_tells_what_is_stored(session, owner):
    take_turn(session)
    take_turn(session, DIAGNOSE)
    walkthrough = get_walkthrough(get_session(owner=owner, session_id=session.pk))
    assert [block.kind for block in walkthrough.blocks] == ["observation", "turn", "results", "turn"]
    first, second = walkthrough.blocks[1], walkthrough.blocks[3]
    assert "<strong>varies</strong>" in first.reasoning_html
    assert [(row.dx, row.change) for row in second.differential] == [("Stroke", "up"), ("Myasthenia gravis", "down")]
    assert second.differential[0].delta == pytest.approx(0.5)
    assert walkthrough.ended
    assert walkthrough.reveal.given == "Stroke"
    assert walkthrough.reveal.truth == session.case.payload["diagnosis"]["text"]


def test_the_truth_is_not_there_before_the_end(session, owner):
    take_turn(session)
    loaded = get_session(owner=owner, session_id=session.pk)
    walkthrough = get_walkthrough(loaded)
    assert walkthrough.reveal is None
    assert "payload" in loaded.case.get_deferred_fields()


def test_unsupported_changes_are_badged(session, owner):
    take_turn(session)
    walkthrough = get_walkthrough(get_session(owner=owner, session_id=session.pk))
    badges = {row.dx: row.unsupported for row in walkthrough.board.differential}
    assert badges == {"Myasthenia gravis": False, "Stroke": True}
