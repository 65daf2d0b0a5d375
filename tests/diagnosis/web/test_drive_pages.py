"""The pages of Drive: forms that work without scripts, errors that lose nothing, and the path beside one's own."""

import re
from uuid import uuid4

import pytest
from django.db import connections

from diagnosis.models import Comparison, Session, TrajectoryNode
from diagnosis.tasks.comparing import compare
from tests.diagnosis import factories
from tests.diagnosis.web.conftest import HTMX
from tests.diagnosis.web.test_pages import flat, text

pytestmark = pytest.mark.django_db


def place(session) -> str:
    session.refresh_from_db()
    return f"/sessions/{session.pk}/turns/"


def order(session, **changes):
    values = {"idempotency_key": str(uuid4()), "parent_seq": session.leaf_seq, "act": "order", "orders": "Vital signs"}
    return {**values, **changes}


def turns_of(session):
    return [node.content for node in TrajectoryNode.objects.filter(trajectory=session.trajectory, kind="TURN")]


def test_a_case_is_begun_from_its_page(mine, owner, case, key):
    page = text(mine.get(f"/cases/{case.slug}/"))
    assert f'action="/cases/{case.slug}/drive/"' in page
    first = mine.post(f"/cases/{case.slug}/drive/", {"idempotency_key": key})
    again = mine.post(f"/cases/{case.slug}/drive/", {"idempotency_key": key})
    session = Session.objects.get(owner=owner)
    assert first.url == again.url == f"/sessions/{session.pk}/"
    assert session.mode == "DRIVE"


def test_a_key_of_watch_does_not_begin_a_drive(mine, case, session):
    response = mine.post(f"/cases/{case.slug}/drive/", {"idempotency_key": session.idempotency_key})
    assert response.status_code == 409


def test_the_page_has_a_form_and_nothing_of_a_model(mine, driven):
    page = text(mine.get(f"/sessions/{driven.pk}/"))
    for word in ("data-stop", "data-retry", "data-stream", "is answering"):
        assert word not in page
    assert "Turn 1 of 10" in flat(page)
    assert page.count("data-row") == 5
    assert 'name="orders"' in page
    assert "Your turn" in text(mine.get("/sessions/"))


def test_a_whole_case_without_scripts(mine, driven):
    first = order(
        driven,
        orders="Vital signs\nUnobtainium level",
        reasoning="It comes and goes.",
        name_1="Aortic dissection",
        percent_1="60 %",
        supporting_1="1, 2",
        name_2="Pulmonary embolism",
        percent_2="20",
        contradicting_2="3",
    )
    assert mine.post(place(driven), first).url == f"/sessions/{driven.pk}/"
    page = text(mine.get(f"/sessions/{driven.pk}/"))
    assert "That is not a normal result" in page
    assert 'value="Aortic dissection"' in page
    assert 'value="60"' in page
    assert 'value="1 2"' in page
    assert "Turn 2 of 10" in flat(page)
    mine.post(place(driven), order(driven, act="diagnose", orders="", diagnosis="Aortic dissection"))
    page = text(mine.get(f"/sessions/{driven.pk}/"))
    assert "The truth" in page
    assert "You said" in page
    assert "The policy is working the same case up" in page
    stored = turns_of(driven)
    assert [turn["turn"]["action"]["type"] for turn in stored] == ["order", "diagnose"]
    assert stored[0]["turn"]["differential"][0] == {
        "dx": "Aortic dissection",
        "p": 0.6,
        "for": ["o1.1", "o1.2"],
        "against": [],
    }


def test_the_fragment_after_a_turn_is_what_a_reload_shows(mine, driven):
    address = place(driven) + "?from=2"
    fragment = mine.post(address, order(driven, name_1="Stroke"), headers=HTMX)
    assert fragment.status_code == 200
    blocks = text(fragment)[: text(fragment).index('<div id="tail"')]
    assert flat(blocks) in flat(text(mine.get(f"/sessions/{driven.pk}/")))
    assert 'id="t2"' in blocks
    assert 'id="r2"' in blocks
    assert 'id="board-body" hx-swap-oob="true"' in text(fragment)


def test_sending_twice_takes_one_turn(mine, driven):
    sent = order(driven)
    for _ in range(2):
        assert mine.post(place(driven), sent, headers=HTMX).status_code == 200
    assert len(turns_of(driven)) == 1


def test_the_same_key_with_other_content_is_a_conflict(mine, driven):
    sent = order(driven)
    mine.post(place(driven), sent)
    other = mine.post(place(driven), {**sent, "orders": "ECG"}, headers=HTMX)
    assert other.status_code == 409
    assert "already sent with other content" in text(other)


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_a_stale_page_gets_its_words_back(mine, driven, headers):
    stale = order(driven, orders="ECG\nTroponin", name_1="Pericarditis", reasoning="Sharp pain.")
    factories.drive(driven)
    response = mine.post(place(driven), stale, headers=headers)
    page = text(response)
    assert response.status_code == 409
    assert "went on in another window" in page
    for word in ("ECG", "Troponin", 'value="Pericarditis"', 'value="Sharp pain."', 'id="r2"', "Your turn 2 of 10"):
        assert word in page
    assert f'name="parent_seq" value="{driven.leaf_seq}"' in page
    assert len(turns_of(driven)) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"orders": ""}, "Name at least one test."),
        ({"orders": "", "diagnosis": "Stroke"}, "press Commit"),
        ({"orders": "CBC\nCRP\nECG\nTroponin"}, "these are 4"),
        ({"orders": "CBC and CRP\nECG and Troponin"}, "these are 4"),
        ({"act": "diagnose", "diagnosis": ""}, "Write the diagnosis"),
        ({"name_1": "Stroke", "name_2": "stroke"}, "listed twice"),
        ({"name_1": "A", "percent_1": "70", "name_2": "B", "percent_2": "60"}, "add up to 130 %"),
        ({"name_1": "A", "percent_1": "130"}, "less than or equal to 100"),
        ({"name_1": "A", "percent_1": "many"}, "whole number"),
        ({"percent_2": "10"}, "Line 2 has a figure but no diagnosis"),
        ({"name_1": "A", "supporting_1": "999"}, "“999” is not the number of anything"),
        ({"name_1": "A", "contradicting_1": "o1.1"}, "is not the number of anything"),
        ({"name_1": "A\x00"}, "Null characters"),
        ({"reasoning": "x" * 1001}, "at most 1000 characters"),
        ({"parent_seq": "x"}, "whole number"),
        ({"idempotency_key": ""}, "required"),
    ],
)
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_what_cannot_be_taken_is_said_and_kept(mine, driven, changes, message, headers):
    sent = order(driven, reasoning="Kept words.", name_3="Third thought")
    response = mine.post(place(driven), {**sent, **changes}, headers=headers)
    assert response.status_code == 422
    assert message in text(response)
    assert 'value="Third thought"' in text(response)
    assert turns_of(driven) == []


def test_the_last_turn_offers_no_order(mine, driven, settings):
    for _ in range(settings.DIAGNOSIS["DRIVE_HORIZON"] - 1):
        factories.drive(driven)
    page = text(mine.get(f"/sessions/{driven.pk}/"))
    assert "This is your last turn" in page
    assert 'value="order"' not in page
    late = mine.post(place(driven), order(driven), headers=HTMX)
    assert late.status_code == 409
    assert "can only be a diagnosis" in text(late)


def test_a_watched_case_takes_no_turn_of_mine(mine, session):
    response = mine.post(place(session), order(session), headers=HTMX)
    assert response.status_code == 409
    assert turns_of(session) == []


def test_a_model_is_not_asked_in_a_drive(mine, driven, key):
    assert mine.post(f"/sessions/{driven.pk}/jobs/", {"idempotency_key": key}, headers=HTMX).status_code == 409
    assert not driven.jobs.exists()


def test_an_update_is_sent_only_when_there_is_one(mine, driven):
    address = f"/sessions/{driven.pk}/update/?from=2&seen=0-"
    assert mine.get(address, headers=HTMX).status_code == 204
    factories.drive(driven)
    update = mine.get(address, headers=HTMX)
    assert 'id="r2"' in text(update)
    assert mine.get(address).url == f"/sessions/{driven.pk}/"


def work_out(session, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(connections, "close_all", lambda: None)
        compare(Comparison.objects.get(session=session).pk)


def test_the_policys_path_appears_beside_ones_own(mine, driven, monkeypatch):
    factories.drive(driven)
    factories.drive(driven, factories.DIAGNOSE)
    seen = re.search(r"seen=([\w-]+)", text(mine.get(f"/sessions/{driven.pk}/")))[1]
    address = f"/sessions/{driven.pk}/update/?from=4&seen={seen}"
    assert mine.get(address, headers=HTMX).status_code == 204
    work_out(driven, monkeypatch)
    page = text(mine.get(address, headers=HTMX))
    assert "Knowledge-graph policy" in page
    assert "Another disease" in page
    assert page.count('class="round"') >= 2
    ids = re.findall(r'\bid="([^"]+)"', text(mine.get(f"/sessions/{driven.pk}/")))
    assert len(ids) == len(set(ids))


def test_a_failed_comparison_offers_another_try(mine, driven):
    factories.drive(driven, factories.DIAGNOSE)
    Comparison.objects.update(state="FAILED", error_message="It broke.", finished_at=driven.ended_at)
    assert "It broke." in text(mine.get(f"/sessions/{driven.pk}/"))
    again = mine.post(f"/sessions/{driven.pk}/comparison/?from=3", headers=HTMX)
    assert "working the same case up" in text(again)
    assert Comparison.objects.get().state == "QUEUED"


def test_the_number_of_queries_does_not_grow(mine, driven, monkeypatch):
    from tests.diagnosis.web.test_queries import count

    path = f"/sessions/{driven.pk}/"
    before = count(mine, path)
    for _ in range(4):
        factories.drive(driven)
    assert count(mine, path) == before
    factories.drive(driven, factories.DIAGNOSE)
    work_out(driven, monkeypatch)
    assert count(mine, path) <= before + 3


@pytest.mark.parametrize("name", ["tests", "diagnoses"])
def test_names_are_the_same_for_every_case_and_kept_by_the_browser(mine, client, case, name):
    address = f"/terms/{name}.json"
    assert client.get(address).status_code == 403
    response = mine.get(address)
    assert response.headers["Cache-Control"] == "private, max-age=3600"
    names = response.json()
    assert len(names) > 500
    assert all(entry[0] for entry in names)
    assert mine.get(address, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
