"""What pages read: only one's own, in a number of queries that does not grow."""

from functools import partial
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diagnosis.models import GenerationJob, Session
from diagnosis.selectors.cases import get_case, list_case_facets, list_cases
from diagnosis.selectors.chat_models import get_chat_model, list_chat_models
from diagnosis.selectors.job_status import list_job_statuses
from diagnosis.selectors.sessions import get_job, get_queue_position, get_session, list_sessions
from diagnosis.selectors.walkthrough import get_walkthrough
from diagnosis.services import cancel_job, claim_job, fail_job, import_cases, retry_turn
from medaction.distill import KG_LABEL
from medaction.inference.weights import ADAPTER_NAME
from tests.diagnosis.factories import ORDER, live_job, make_session, make_user, take_turn

pytestmark = pytest.mark.django_db


def queries(read) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        read()
    return len(captured)


def test_another_persons_things_do_not_exist(session):
    stranger = make_user()
    with pytest.raises(Session.DoesNotExist):
        get_session(owner=stranger, session_id=session.pk)
    with pytest.raises(GenerationJob.DoesNotExist):
        get_job(owner=stranger, job_id=live_job(session).pk)
    assert not list_sessions(owner=stranger).exists()


def test_places_in_the_queue(owner, case, scripted):
    jobs = [live_job(make_session(owner, case)) for _ in range(3)]
    assert [get_queue_position(job) for job in jobs] == [0, 1, 2]
    statuses = list_job_statuses([job.pk for job in jobs])
    assert [statuses[str(job.pk)].position for job in jobs] == [0, 1, 2]
    assert claim_job(job_id=jobs[0].pk, worker="w")
    assert list_job_statuses([jobs[0].pk])[str(jobs[0].pk)].position is None
    assert [get_queue_position(job) for job in jobs[1:]] == [0, 1]


def test_a_status_names_the_next_job(session):
    done = take_turn(session)
    status = list_job_statuses([done.pk])[str(done.pk)]
    assert (status.ended, status.next_job) == (True, str(live_job(session).pk))


def test_the_walkthrough_takes_the_same_queries_at_any_length(session, owner):
    def read():
        get_walkthrough(get_session(owner=owner, session_id=session.pk))

    short = queries(read)
    for _ in range(4):
        take_turn(session)
    assert queries(read) == short <= 4


def test_the_list_takes_one_query_at_10_and_at_100_rows(owner, case, scripted):
    for count in (10, 90):
        for _ in range(count):
            make_session(owner, case)
        assert queries(lambda: [(s.case.title, s.latest_job_state) for s in list_sessions(owner=owner)]) == 1


def test_statuses_take_two_queries_at_10_and_at_100_jobs(owner, case, scripted):
    for count in (10, 90):
        for _ in range(count):
            make_session(owner, case)
        ids = list(GenerationJob.objects.values_list("pk", flat=True))
        assert queries(partial(list_job_statuses, ids)) == 2


def test_cases_are_found_by_words_of_their_presentation_and_never_by_their_diagnosis(teaching_rows):
    import_cases(rows=teaching_rows)
    row = next(row for row in teaching_rows if row.case.diagnosis.text.split()[0].lower() not in row.case.o1.lower())
    word = max(row.case.o1.replace(".", " ").replace(",", " ").split(), key=len)
    assert row.case.id in set(list_cases(query=word).values_list("slug", flat=True))
    assert list_cases(specialty=row.case.specialty).filter(slug=row.case.id).exists()
    assert get_case(row.case.id).title == row.case.title
    assert row.case.specialty in list_case_facets()["specialty"]
    with CaptureQueriesContext(connection) as captured:
        list(list_cases())
    assert "payload" not in captured[0]["sql"]


def test_a_search_for_nonsense_is_survived(case):
    for query in ("'; drop table", '"unbalanced', "<->", "!!!", "\u2028", "a" * 5000):
        list(list_cases(query=query))


def test_a_failed_turn_shows_what_was_said_until_it_is_retried(session, owner):
    held = claim_job(job_id=live_job(session).pk, worker="w")
    job = fail_job(job_id=held.job.pk, attempt=1, code="HTTP_STATUS", message="It said 500.", partial_text=ORDER[:60])

    def read():
        return get_walkthrough(get_session(owner=owner, session_id=session.pk))

    block = read().blocks[-1]
    assert (block.kind, block.state, block.error_message, block.superseded) == (
        "interrupted",
        "FAILED",
        "It said 500.",
        False,
    )
    assert block.partial.reasoning.startswith("Weakness that")
    assert read().can_retry
    retry_turn(job=job, idempotency_key=str(uuid4()))
    walkthrough = read()
    assert walkthrough.blocks[-1].superseded
    assert not walkthrough.can_retry
    assert walkthrough.live_job is not None


def test_a_stopped_turn_can_be_retried(session, owner):
    cancel_job(job=live_job(session))
    assert get_walkthrough(get_session(owner=owner, session_id=session.pk)).can_retry


def test_the_demo_model_says_that_it_is_untuned(settings):
    settings.MODEL_URL, settings.MODEL_NAME, settings.MODEL_LABEL = "http://127.0.0.1:1/v1", "smollm2-135m-instruct", ""
    settings.POLICY_URL, settings.SCRIPTED_MODELS = "", ["walk"]
    first, second = list_chat_models()
    assert (first.key, first.untuned) == ("openai:smollm2-135m-instruct", True)
    assert "untuned demo model" in first.label
    assert get_chat_model("scripted:walk") == second


def test_the_policy_is_the_first_choice_and_never_gets_the_models_key(settings):
    settings.MODEL_URL, settings.MODEL_NAME, settings.MODEL_API_KEY = "http://127.0.0.1:1/v1", "any", "secret"
    settings.POLICY_URL, settings.SCRIPTED_MODELS = "http://127.0.0.1:2/v1", []
    policy, model = list_chat_models()
    assert (policy.key, policy.spec.base_url, policy.spec.api_key) == ("policy:kg", settings.POLICY_URL, "")
    assert policy.label == KG_LABEL
    assert model.spec.api_key == "secret"


def test_a_model_that_the_graph_helps_comes_second_and_says_so(settings):
    settings.MODEL_URL, settings.MODEL_NAME = "http://127.0.0.1:1/v1", "any"
    settings.POLICY_URL, settings.ASSISTED_MODEL, settings.SCRIPTED_MODELS = "http://127.0.0.1:2/v1", ADAPTER_NAME, []
    policy, helped, model = list_chat_models()
    assert (policy.key, helped.key, model.key) == ("policy:kg", f"policy:{ADAPTER_NAME}", "openai:any")
    assert (helped.spec.name, helped.spec.base_url) == (ADAPTER_NAME, settings.POLICY_URL)
    assert "candidates and tests given by the knowledge graph" in helped.label
    assert not helped.untuned
