"""Drive: the person takes the turns, through the same nodes, board and environment as a model."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnosis.models import GenerationJob, Session, TrajectoryNode
from diagnosis.selectors.board import BoardBuilder
from diagnosis.selectors.sessions import get_session
from diagnosis.selectors.walkthrough import get_walkthrough
from diagnosis.services import (
    DiagnosisRequired,
    IdempotencyConflict,
    NotYourTurn,
    ServiceError,
    SessionEnded,
    StalePage,
    retry_turn,
    start_drive,
    submit_turn,
    take_turn,
)
from diagnosis.services.planning import load_case
from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.parser import parse_turn
from medaction.domain.tree import Node, TrajectoryTree
from tests.diagnosis.factories import DIAGNOSE, ORDER, drive, make_drive

pytestmark = pytest.mark.django_db


def nodes_of(session):
    fields = ("seq", "parent_seq", "kind", "content", "sampled", "content_hash")
    return [Node.from_dict(node) for node in session.trajectory.nodes.order_by("seq").values(*fields)]


def turns_of(session):
    return TrajectoryNode.objects.filter(trajectory=session.trajectory, kind="TURN").count()


def test_starting_asks_no_model(driven, settings):
    assert (driven.mode, driven.model_key, driven.model_label) == ("DRIVE", "human", "You")
    assert not driven.jobs.exists()
    assert len(nodes_of(driven)) == 1
    assert driven.trajectory.settings["environment"]["horizon"] == settings.DIAGNOSIS["DRIVE_HORIZON"]


def test_starting_twice_is_one_walkthrough(owner, case, scripted):
    first = start_drive(owner=owner, case=case, idempotency_key="k")
    assert start_drive(owner=owner, case=case, idempotency_key="k") == first
    assert Session.objects.count() == 1


def test_a_turn_is_stored_as_a_models_turn_is_but_not_as_sampled(driven):
    job = drive(driven)
    _, turn, observed = nodes_of(driven)
    assert (turn.kind, turn.sampled, turn.content["model"], turn.content["number"]) == ("TURN", False, "human", 2)
    assert parse_turn(turn.content["text"]) == parse_turn(ORDER)
    assert [result["outcome"] for result in observed.content["results"]][-1] == "UNAVAILABLE"
    assert (job.state, job.node_seq, driven.leaf_seq) == ("SUCCEEDED", turn.seq, observed.seq)
    TrajectoryTree(nodes_of(driven)).verify()


def test_the_same_key_takes_the_turn_once(driven):
    first = drive(driven, key="k")
    again = take_turn(session=driven, turn=parse_turn(ORDER), parent_seq=0, idempotency_key="k")
    assert again == first
    assert turns_of(driven) == 1


def test_the_same_key_for_another_turn_is_refused(driven):
    drive(driven, key="k")
    with pytest.raises(IdempotencyConflict):
        take_turn(session=driven, turn=parse_turn(DIAGNOSE), parent_seq=0, idempotency_key="k")
    assert turns_of(driven) == 1


def test_a_page_that_is_behind_changes_nothing(driven):
    drive(driven)
    with pytest.raises(StalePage):
        take_turn(session=driven, turn=parse_turn(ORDER), parent_seq=0, idempotency_key="other tab")
    assert turns_of(driven) == 1


def test_the_last_turn_is_a_diagnosis_and_a_refused_order_costs_nothing(driven, settings):
    for _ in range(settings.DIAGNOSIS["DRIVE_HORIZON"] - 1):
        drive(driven)
    with pytest.raises(DiagnosisRequired):
        drive(driven)
    assert driven.state == Session.State.ACTIVE
    drive(driven, DIAGNOSE)
    assert driven.state == Session.State.TERMINATED


def test_after_the_end_nothing_follows_but_the_same_key_is_answered(driven):
    last = drive(driven, DIAGNOSE, key="k")
    with pytest.raises(SessionEnded):
        drive(driven)
    assert take_turn(session=driven, turn=parse_turn(DIAGNOSE), parent_seq=0, idempotency_key="k") == last


def test_turns_are_taken_by_whoever_the_mode_says(session, driven):
    with pytest.raises(NotYourTurn):
        drive(session)
    with pytest.raises(NotYourTurn):
        submit_turn(session=driven, idempotency_key="k", request={})
    with pytest.raises(ServiceError):
        retry_turn(job=drive(driven), idempotency_key="k")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("equal", [True, False], ids=["the same key", "two tabs"])
def test_of_many_at_once_one_turn_is_taken(scripted, equal):
    session, key = make_drive(), str(uuid4())

    def act(_):
        try:
            return take_turn(
                session=session,
                turn=parse_turn(ORDER),
                parent_seq=0,
                idempotency_key=key if equal else str(uuid4()),
            )
        except StalePage as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(act, range(20)))
    assert turns_of(session) == 1
    assert GenerationJob.objects.filter(session=session).count() == 1
    assert sum(isinstance(answer, StalePage) for answer in answers) == (0 if equal else 19)


names = st.sampled_from(["Myasthenia gravis", "Stroke", "Botulism", "Migraine", "Lambert–Eaton"])
hypotheses = st.builds(
    Hypothesis,
    names,
    st.none() | st.integers(0, 20).map(lambda percent: percent / 100),
    st.lists(st.sampled_from(["o1.1", "o1.2", "r2.1"]), max_size=2, unique=True).map(tuple),
    st.lists(st.sampled_from(["o1.1", "o1.3"]), max_size=2, unique=True).map(tuple),
)
orders = st.lists(
    st.sampled_from(["Vital signs", "CBC", "CBC and CRP", "Unobtainium level", "ECG", "physical exam"]),
    min_size=1,
    max_size=3,
    unique=True,
).map(lambda tests: TestOrder(tuple(tests)))
human_turns = st.builds(
    Turn,
    st.text(alphabet="abc é.*[]", max_size=30).map(str.strip),
    st.lists(hypotheses, max_size=5, unique_by=lambda each: each.dx).map(tuple),
    orders,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(human_turns, min_size=1, max_size=4), dx=names)
def test_the_board_from_storage_is_the_board_of_the_turns(case, scripted, turns, dx):
    session = make_drive(case=case)
    environment, live = Environment(load_case(case.pk), EnvironmentSettings(horizon=10)), BoardBuilder()
    live.observe(environment.reset())
    for turn in [*turns, replace(turns[-1], action=FinalDiagnosis(dx))]:
        take_turn(session=session, turn=turn, parent_seq=session.leaf_seq, idempotency_key=str(uuid4()))
        session.refresh_from_db()
        cites = any(each.supporting or each.contradicting for each in turn.differential)
        live.consider(turn.differential, cites=cites)
        result = environment.step(turn.action)
        if not result.terminated:
            live.observe(result.observation)
    stored = get_walkthrough(get_session(owner=session.owner, session_id=session.pk))
    assert stored.board == live.build()
    assert stored.reveal.given == dx
    TrajectoryTree(nodes_of(session)).verify()
