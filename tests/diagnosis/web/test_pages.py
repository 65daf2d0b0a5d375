"""What each page shows and answers, with htmx and without scripts."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.utils import timezone

from diagnosis.models import GenerationJob, ModelRelease, Session
from diagnosis.services import (
    cancel_job,
    claim_job,
    disable_release,
    fail_job,
    import_cases,
    record_health,
    register_configured,
)
from diagnosis.web.views import cases as case_views
from tests.diagnosis import factories
from tests.diagnosis.web.conftest import HTMX

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(teaching_rows):
    assert not import_cases(rows=teaching_rows).errors


def text(response) -> str:
    return response.content.decode()


def flat(page: str) -> str:
    """The page without the indentation of its templates."""
    return re.sub(r"\s+", " ", page).strip()


def test_the_list_filters_and_pages(mine, cases):
    assert 'rel="next" href="?page=2"' in text(mine.get("/cases/"))
    found = mine.get("/cases/", {"q": "headache", "specialty": "neurology", "origin": "synthetic"})
    assert "The headache at the gym" in text(found)
    assert "Sudden pain between the shoulder blades" not in text(found)
    assert "No case matches" in text(mine.get("/cases/", {"origin": "published"}))


def test_a_nonsense_filter_or_page_is_ignored(mine, cases):
    page = text(mine.get("/cases/", {"specialty": "astrology", "page": "999"}))
    assert 'rel="prev"' in page
    assert 'rel="next"' not in page


def test_an_empty_list_says_what_to_do(mine):
    assert "import_cases" in text(mine.get("/cases/"))
    assert "Choose a case and press Watch" in text(mine.get("/sessions/"))


def test_htmx_gets_the_results_alone_but_a_restored_page_is_whole(mine, case):
    assert "<html" not in text(mine.get("/cases/", headers=HTMX))
    assert "<html" in text(mine.get("/cases/", headers={**HTMX, "HX-History-Restore-Request": "true"}))


def test_the_list_shows_my_walkthroughs_and_nobody_elses(mine, other, session):
    assert f"/sessions/{session.pk}/" in text(mine.get("/cases/"))
    assert f"/sessions/{session.pk}/" not in text(other.get("/cases/"))
    assert f"/sessions/{session.pk}/" not in text(other.get("/sessions/"))


def test_watch_twice_is_one_walkthrough(mine, owner, case, scripted, key):
    sent = {"model_key": scripted, "idempotency_key": key}
    first = mine.post(f"/cases/{case.slug}/watch/", sent)
    again = mine.post(f"/cases/{case.slug}/watch/", sent)
    assert first.url == again.url == f"/sessions/{Session.objects.get(owner=owner).pk}/"


def test_watch_with_a_used_key_for_another_model_is_a_conflict(mine, case, scripted, key):
    mine.post(f"/cases/{case.slug}/watch/", {"model_key": scripted, "idempotency_key": key})
    response = mine.post(f"/cases/{case.slug}/watch/", {"model_key": "scripted:garbage", "idempotency_key": key})
    assert response.status_code == 409
    assert "Nothing was lost" in text(response)


@pytest.mark.parametrize("sent", [{}, {"model_key": ""}, {"model_key": "openai:gone"}, {"idempotency_key": "x"}])
def test_watch_without_a_model_explains_itself(mine, owner, case, scripted, sent):
    response = mine.post(f"/cases/{case.slug}/watch/", sent)
    assert response.status_code == 422
    assert 'role="alert"' in text(response)
    assert not Session.objects.filter(owner=owner).exists()


def test_a_live_page_offers_stop_and_a_stream(mine, session):
    page = text(mine.get(f"/sessions/{session.pk}/"))
    job = factories.live_job(session)
    assert f'data-stream="/jobs/{job.pk}/stream"' in page
    assert f"/jobs/{job.pk}/cancel" in page
    assert "Next in line" in page
    assert "Turn 1 of 5" in page


def test_the_fragment_after_a_turn_holds_that_turn_and_the_next_place(mine, session):
    done = factories.take_turn(session)
    fragment = text(mine.get(f"/jobs/{done.pk}/?from=2", headers=HTMX))
    assert fragment.count('id="t2"') == fragment.count('id="r2"') == fragment.count('id="tail"') == 1
    assert 'id="o1"' not in fragment
    assert f'data-stream="/jobs/{factories.live_job(session).pk}/stream"' in fragment
    assert 'id="board-body" hx-swap-oob="true"' in fragment
    assert "Unobtainium level" in fragment
    assert "That is not a normal result" in fragment


def test_page_and_fragments_show_the_same_blocks(mine, session):
    """Whatever a page was put together from, it is the page that a reload shows."""
    first = factories.take_turn(session)
    second = factories.take_turn(session)
    factories.take_turn(session, factories.DIAGNOSE)
    page = flat(text(mine.get(f"/sessions/{session.pk}/")))
    for job, start in ((first, 2), (second, 3)):
        fragment = text(mine.get(f"/jobs/{job.pk}/?from={start}", headers=HTMX))
        blocks = fragment[: fragment.index('<div id="tail"')]
        assert flat(blocks) in page


def test_a_stop_while_waiting_ends_the_turn_and_retry_asks_again(mine, session, key):
    job = factories.live_job(session)
    assert mine.post(f"/jobs/{job.pk}/cancel", headers=HTMX).status_code == 204
    page = text(mine.get(f"/sessions/{session.pk}/"))
    assert "You stopped this answer" in page
    fragment = mine.post(f"/jobs/{job.pk}/retry", {"idempotency_key": key}, headers=HTMX)
    assert fragment.status_code == 200
    again = factories.live_job(session)
    assert str(again.pk) in text(fragment)
    assert "Stopped, then retried" in text(fragment)
    mine.post(f"/jobs/{job.pk}/retry", {"idempotency_key": key}, headers=HTMX)
    assert session.jobs.count() == 2


def test_a_stop_while_answering_only_changes_the_buttons(mine, session):
    job = factories.live_job(session)
    claim_job(job_id=job.pk, worker="test")
    response = mine.post(f"/jobs/{job.pk}/cancel", headers=HTMX)
    assert "Stopping" in text(response)
    assert 'id="tail"' not in text(response)


def test_a_failure_says_what_happened_and_what_is_safe(mine, session):
    claim = claim_job(job_id=factories.live_job(session).pk, worker="test")
    fail_job(
        job_id=claim.job.pk,
        attempt=claim.attempt,
        code="IDLE_TIMEOUT",
        message="The model stopped answering after 20 s.",
        partial_text='{"reasoning":"It began with',
    )
    page = text(mine.get(f"/sessions/{session.pk}/"))
    assert "The model stopped answering after 20 s." in page
    assert "Everything before it is saved. Retry, or go back to the cases." in page
    assert "It began with" in page
    assert "data-stream" not in page


def test_too_late_is_a_conflict_that_shows_where_things_stand(mine, session, key):
    job = factories.live_job(session)
    late = mine.post(f"/jobs/{job.pk}/retry", {"idempotency_key": key}, headers=HTMX)
    assert late.status_code == 409
    assert 'id="tail"' in text(late)
    assert "already" in text(late)
    plain = mine.post(f"/jobs/{job.pk}/retry", {"idempotency_key": str(uuid4())})
    assert plain.status_code == 409
    assert f"/sessions/{session.pk}/" in text(plain)


def test_a_form_without_a_key_does_nothing(mine, session):
    job = cancel_job(job=factories.live_job(session))
    assert mine.post(f"/jobs/{job.pk}/retry").status_code == 400
    assert not GenerationJob.objects.exclude(pk=job.pk).exists()


def test_without_scripts_every_change_leads_back_to_the_page(mine, session, key):
    job = factories.live_job(session)
    there = f"/sessions/{session.pk}/"
    assert mine.post(f"/jobs/{job.pk}/cancel").url == there
    assert mine.post(f"/jobs/{job.pk}/retry", {"idempotency_key": key}).url == there
    page = text(mine.get(there))
    assert "Refresh" in page
    assert mine.get(f"/jobs/{job.pk}/").url == there


def test_the_presentation_is_shown_word_for_word(mine, session):
    page = text(mine.get(f"/sessions/{session.pk}/"))
    start = page.index('<p class="observation"')
    shown = page[page.index(">", start) + 1 : page.index("</p>", start)]
    assert unescape(re.sub(r"<[^>]+>", "", shown)) == session.case.presentation


def test_evidence_is_numbered_in_the_order_in_which_it_was_shown(mine, session):
    factories.take_turn(session)
    factories.take_turn(session, factories.DIAGNOSE)
    page = text(mine.get(f"/sessions/{session.pk}/"))
    sentences = page.count('class="segment"')
    assert f'id="r2.1" data-number="{sentences + 1}"' in page
    assert "unsupported" in page


@pytest.mark.parametrize("path", ["/nowhere/", "/cases/nowhere/", "/sessions/not-a-uuid/"])
def test_missing_pages_are_plain(mine, path):
    response = mine.get(path)
    assert response.status_code == 404
    assert "This page does not exist" in text(response)


@pytest.mark.parametrize("path", ["/cases/", "/sessions/", "/accounts/login/", "/nowhere/"])
def test_the_intended_use_is_always_in_reach(mine, client, case, path):
    sentence = "For education and research on published or synthetic cases. Not for patient care."
    assert sentence in text((client if "login" in path else mine).get(path))


def test_an_error_of_ours_says_that_nothing_is_lost(mine, monkeypatch, case):
    def broken(**_: object):
        raise RuntimeError("boom")

    monkeypatch.setattr(case_views, "list_cases", broken)
    mine.raise_request_exception = False
    response = mine.get("/cases/")
    assert response.status_code == 500
    assert "Your walkthroughs are saved" in text(response)


@pytest.fixture
def walk_release(scripted):
    register_configured()
    return ModelRelease.objects.get(key=scripted)


def test_a_model_that_is_switched_off_is_named_with_the_reason_and_cannot_be_started(mine, owner, case, walk_release):
    disable_release(release=walk_release, by=owner, reason="It repeats itself")
    page = flat(text(mine.get(f"/cases/{case.slug}/")))
    assert f'value="{walk_release.key}"' not in page
    assert "was switched off on" in page
    response = mine.post(f"/cases/{case.slug}/watch/", {"model_key": walk_release.key, "idempotency_key": str(uuid4())})
    assert response.status_code == 422
    assert "It repeats itself. Choose another." in flat(text(response))
    assert not Session.objects.exists()


def test_a_model_that_does_not_answer_says_so_and_is_not_the_default(mine, case, walk_release):
    record_health(release=walk_release, ok=False, message="Nobody is there.", at=timezone.now())
    page = flat(text(mine.get(f"/cases/{case.slug}/")))
    assert "It did not answer when it was last asked: Nobody is there." in page
    assert not re.search(rf'value="{walk_release.key}" checked', page)
    assert re.search(r'value="scripted:walk@0" checked', page)


def test_a_turn_that_the_switch_stopped_says_why_and_is_not_retried(mine, owner, session, walk_release):
    disable_release(release=walk_release, by=owner, reason="It repeats itself")
    page = flat(text(mine.get(f"/sessions/{session.pk}/")))
    assert "You stopped this answer" not in page
    assert "It repeats itself." in page
    job = session.jobs.get()
    again = mine.post(f"/jobs/{job.pk}/retry", {"idempotency_key": str(uuid4())})
    assert again.status_code == 409
    assert "It repeats itself." in text(again)
    assert session.jobs.count() == 1
