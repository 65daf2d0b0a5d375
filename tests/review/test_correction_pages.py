"""The page on which a turn is corrected and re-run, as a browser without scripts uses it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diagnosis.models import ModelRelease, Session
from diagnosis.services import disable_release, register_configured
from review.models import Correction, Draft, Reviewer
from review.services.claiming import claim_item
from review.services.correcting import open_correction
from review.services.items import retire_item
from review.services.judging import submit_judgement
from tests.diagnosis.factories import DIAGNOSE, make_session, take_turn
from tests.review import corrections as made
from tests.review import factories

pytestmark = pytest.mark.django_db
State = Correction.State
WORD = '<p class=MsoNormal style="mso-fareast-language:EN-US"><o:p>Think of “myasthenia”</o:p></p>\x0b\r\nand\u2028more'


@pytest.fixture(autouse=True)
def scripted(settings):
    settings.MODEL_URL = ""
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    settings.SCRIPTED_MODELS = ["walk"]


@pytest.fixture
def reviewer(db):
    return factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR, "dr-mine"))


@pytest.fixture
def client(client_of, reviewer):
    return client_of(reviewer.user)


@pytest.fixture
def begun(reviewer, item):
    return made.begin(reviewer, item)


def path_of(correction) -> str:
    return f"/review/corrections/{correction.pk}/"


def fields(**values) -> dict[str, str]:
    return {
        "do": "run",
        "revision": "1",
        "act": "order",
        "reasoning": "Fatigable weakness wants antibodies.",
        "orders": "Vital signs",
        "diagnosis": "",
        "name_1": "Myasthenia gravis",
        "percent_1": "60",
        "supporting_1": "1",
        "name_2": "Stroke",
        "percent_2": "20.5 %",
        "reason": made.REASON,
        "model": "scripted:walk",
        **values,
    }


def test_a_label_and_then_the_correction(client, reviewer, item):
    draft = made.judge_first(reviewer, item)
    post = {"do": "correct:3", "revision": draft.revision, "t3-here": "1", "t3-label": "-1", "t3-errors": "anchoring"}
    unlabelled = client.post(f"/review/items/{item.pk}/", {**post, "t3-label": ""})
    assert (unlabelled.status_code, Correction.objects.count()) == (409, 0)
    assert "Label this turn first" in unlabelled.content.decode()
    answer = client.post(f"/review/items/{item.pk}/", {**post, "revision": Draft.objects.get().revision})
    correction = Correction.objects.get()
    assert answer.url == path_of(correction)
    assert Draft.objects.get().labels["turns"]["3"]["label"] == -1


def test_the_future_stays_hidden(client, reviewer, item):
    made.judge_first(reviewer, item)
    correction = open_correction(reviewer=reviewer, item=item, turn_number=2)
    page = client.get(path_of(correction)).content.decode()
    assert "Reasoning of turn 1." in page
    answer = item.trajectory.nodes.get(seq=2).content["results"][0]
    assert answer["text"] not in page
    assert "Reasoning of turn 2." not in page
    assert "A model that judges" not in page
    blind = client.post(path_of(correction), fields())
    assert blind.status_code == 422
    assert "once your judgement without the truth is stored" in blind.content.decode()
    correction.refresh_from_db()
    assert (correction.state, correction.written["name_2"]) == (State.DRAFT, "Stroke")
    assert client.post(f"/review/items/{item.pk}/turns/3/correct").status_code == 409


def test_the_form_begins_with_the_original(client, begun):
    page = client.get(path_of(begun)).content.decode()
    for value in ('value="Stroke"', 'value="50"', 'value="Migraine"', 'value="30"', "Reasoning of turn 2."):
        assert value in page
    assert "Nothing differs yet" in page


def test_saving_shows_what_differs(client, begun):
    assert client.post(path_of(begun), fields(do="save")).url == path_of(begun)
    page = client.get(path_of(begun)).content.decode()
    assert "<ins>Myasthenia gravis</ins>" in page
    assert "<del>Migraine</del>" in page
    assert "was number 1" in page


def test_from_the_form_to_an_accepted_correction(client, begun, item):
    answer = client.post(path_of(begun), fields())
    assert (answer.status_code, answer.url) == (302, path_of(begun))
    begun.refresh_from_db()
    assert begun.state == State.RUNNING
    assert begun.turn["differential"][1] == {"dx": "Stroke", "p": 0.205, "for": [], "against": []}
    assert begun.turn["differential"][0]["for"] == ["o1.1"]
    live = client.get(path_of(begun)).content.decode()
    assert "every 2s" in live
    assert 'value="stop"' in live
    assert 'value="accept"' not in live
    session = Session.objects.get()
    asks = re.search(r'hx-get="([^"]+)"', live).group(1)
    assert client.get(asks, headers={"HX-Request": "true"}).status_code == 204
    take_turn(session)
    assert "every 2s" in client.get(asks, headers={"HX-Request": "true"}).content.decode()
    take_turn(session, DIAGNOSE)
    done = client.get(path_of(begun)).content.decode()
    assert "every 2s" not in done
    assert "The case was:" in done
    assert client.post(path_of(begun), {"do": "accept"}).status_code == 302
    begun.refresh_from_db()
    assert begun.state == State.ACCEPTED
    assert "Accepted on" in client.get(path_of(begun)).content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reasoning": ""}, "Write the reasoning"),
        ({"percent_2": ""}, "Give Stroke a probability"),
        ({"percent_2": "many"}, "Enter a number"),
        ({"percent_1": "95"}, "add up to"),
        ({"name_2": "", "percent_2": ""}, "Rank 2 to 5"),
        ({"name_2": "Myasthenia Gravis"}, "listed twice"),
        ({"supporting_1": "999"}, "not the number of anything"),
        ({"orders": "A\nB\nC\nD"}, "carries out 3 tests"),
        ({"orders": ""}, "Name at least one test"),
        ({"act": "diagnose"}, "Write the diagnosis"),
        ({"reason": " "}, "a reason is required"),
        ({"reasoning": "y" * 2500}, "2,500 characters"),
        ({"model": "scripted:other"}, "Choose another model"),
    ],
)
def test_what_cannot_be_run_is_kept_and_said(client, begun, changes, sentence):
    answer = client.post(path_of(begun), fields(**changes))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    begun.refresh_from_db()
    assert begun.state == State.DRAFT
    for name, value in {**fields(), **changes}.items():
        if name in begun.written:
            assert begun.written[name].strip() == value.strip()
    assert f'name="revision" value="{begun.revision}"' in page


def test_200_kb_stay_in_the_box(client, begun):
    long = "z" * 200_000
    for do in ("save", "run"):
        answer = client.post(path_of(begun), fields(do=do, reasoning=long))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "200,000 characters" in page
        assert long in page
    draft = client.post(path_of(begun) + "draft", fields(reasoning=long))
    assert (draft.status_code, "200,000 characters" in draft.json()["reason"]) == (422, True)


def test_pasted_word_markup_is_text(client, begun):
    client.post(path_of(begun), fields(reasoning=WORD))
    begun.refresh_from_db()
    assert begun.state == State.RUNNING
    assert begun.turn["reasoning"] == WORD.replace("\r\n", "\n").replace("\x0b", " ")
    page = client.get(path_of(begun)).content.decode()
    assert "<o:p>" not in page
    assert "MsoNormal" not in page.replace("&lt;p class=MsoNormal", "")


def test_two_windows_choose(client, begun):
    client.post(path_of(begun), fields(do="save", reasoning="First window", reason="One"))
    late = client.post(path_of(begun), fields(do="run", reasoning="Second window", reason="Two"))
    page = late.content.decode()
    assert late.status_code == 409
    assert "First window" in page
    assert "Second window" in page
    assert client.post(path_of(begun) + "draft", fields(reasoning="Third")).status_code == 409
    merged = fields(do="save", merge="1", revision="2", reasoning="Second window", reason="Two")
    client.post(path_of(begun), {**merged, "pick-reasoning": "theirs", "pick-reason": "mine"})
    begun.refresh_from_db()
    assert (begun.written["reasoning"], begun.reason, begun.revision) == ("First window", "Two", 3)


def test_what_the_page_saves_by_itself(client, begun):
    answer = client.post(path_of(begun) + "draft", fields(reasoning="Half a <b>sen"))
    assert answer.json()["revision"] == 2
    assert "Half a &lt;b&gt;sen</ins>" in answer.json()["diff"]
    assert "Half a &lt;b&gt;sen" in client.get(path_of(begun)).content.decode()


def test_stop_and_go_on(client, begun):
    client.post(path_of(begun), fields())
    client.post(path_of(begun), {"do": "stop"})
    page = client.get(path_of(begun)).content.decode()
    assert "Stopped" in page
    assert 'value="retry"' in page
    client.post(path_of(begun), {"do": "retry"})
    assert 'value="stop"' in client.get(path_of(begun)).content.decode()
    early = client.post(path_of(begun), {"do": "accept"})
    assert (early.status_code, "still going on" in early.content.decode()) == (409, True)


def test_editing_again_and_discarding(client, begun, item):
    client.post(path_of(begun), fields(act="diagnose", diagnosis="Myasthenia gravis"))
    answer = client.post(path_of(begun), {"do": "edit:3"})
    again = Correction.objects.get(state=State.DRAFT)
    assert answer.url == path_of(again)
    assert client.post(path_of(again), {"do": "discard"}).url == f"/review/items/{item.pk}/"
    assert client.get(path_of(again)).status_code == 200
    for nonsense in ("edit:x", "edit:999999"):
        assert client.post(path_of(begun), {"do": nonsense}).status_code == 404
    assert client.post(path_of(begun), {"do": "edit:9"}).status_code == 409
    assert client.post(path_of(begun), {"do": "burn"}).status_code == 422
    assert client.post(path_of(again), fields(do="save", revision="")).status_code == 422


def test_a_later_turn_of_the_re_run(client, begun):
    client.post(path_of(begun), fields())
    session = Session.objects.get()
    take_turn(session)
    take_turn(session, DIAGNOSE)
    answer = client.post(path_of(begun), {"do": "edit:4"})
    later = Correction.objects.get(follows=begun)
    assert answer.url == path_of(later)
    page = client.get(path_of(later)).content.decode()
    assert "Fatigable weakness wants antibodies." in page
    assert "Unobtainium level" in page
    assert "Reasoning of turn 2." not in page


def test_training_items_are_not_corrected(client, reviewer):
    Reviewer.objects.filter(pk=reviewer.pk).update(state="TRAINING")
    trained = factories.make_item(kind="TRAINING", reference={"turns": {"2": {"label": 1}}})
    claim_item(user=reviewer.user)
    factories.judge_rest(reviewer, trained)
    assert "data-correct" not in client.get(f"/review/items/{trained.pk}/").content.decode()
    answer = client.post(f"/review/items/{trained.pk}/turns/2/correct")
    assert (answer.status_code, "training item" in answer.content.decode()) == (409, True)


def test_a_model_that_was_switched_off_is_replaced_by_a_choice(client, begun, settings):
    settings.SCRIPTED_MODELS = ["walk", "walk@0"]
    register_configured()
    release = ModelRelease.objects.get(key="scripted:walk")
    disable_release(release=release, by=begun.reviewer.user, reason="It loops.")
    refused = client.post(path_of(begun), fields())
    assert "It loops." in refused.content.decode()
    assert '<option value="scripted:walk@0"' in refused.content.decode()
    assert client.post(path_of(begun), fields(model="scripted:walk@0", revision="2")).status_code == 302
    assert Session.objects.get().model_key == "scripted:walk@0"


def test_the_model_that_wrote_it_goes_on_unasked(client, reviewer):
    session = make_session(reviewer.user)
    take_turn(session)
    take_turn(session, DIAGNOSE)
    item = factories.make_item(session.trajectory)
    correction = made.begin(reviewer, item, turn_number=2)
    assert '<select id="id_model"' not in client.get(path_of(correction)).content.decode()
    assert client.post(path_of(correction), fields(model="")).status_code == 302
    assert Session.objects.latest("created_at").model_key == "scripted:walk"


def test_a_retired_item(client, begun, item):
    retire_item(item=item, by=None, reason="The case is wrong.")
    answer = client.post(path_of(begun), fields())
    assert answer.status_code == 422
    assert "The case is wrong." in answer.content.decode()
    begun.refresh_from_db()
    assert begun.written["name_1"] == "Myasthenia gravis"


def test_from_a_judgement_that_was_handed_in(client, reviewer, item):
    submit_judgement(reviewer=reviewer, item=item, revision=made.judge_blindly(reviewer, item))
    assert f"/review/items/{item.pk}/turns/2/correct" in client.get(f"/review/items/{item.pk}/").content.decode()
    answer = client.post(f"/review/items/{item.pk}/turns/2/correct")
    assert answer.url == path_of(Correction.objects.get())
    assert answer.url in client.get(f"/review/items/{item.pk}/").content.decode()
    assert answer.url in client.get("/review/").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_turns(client, reviewer):
    def count(correction) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path_of(correction)).status_code == 200
        return len(queries)

    counts = []
    for turns in (3, 5):
        item = factories.make_item(factories.make_trajectory(turns), priority=turns)
        correction = made.begin(reviewer, item, turn_number=turns)
        before = count(correction)
        client.post(path_of(correction), fields(act="diagnose", diagnosis="Stroke"))
        counts.append((before, count(correction)))
        submit_judgement(reviewer=reviewer, item=item, revision=Draft.objects.get(item=item).revision)
    assert counts[0] == counts[1]
