"""The pages as a browser without scripts uses them."""

import re

import pytest
from django.test import Client

from review.models import Annotation, Draft, Reservation, ReviewItem, RubricVersion, Skip
from review.services import retire_item
from review.services.claiming import claim_item
from review.services.rubrics import create_version, use_version
from tests.review import factories

pytestmark = pytest.mark.django_db
WORD = "\u201cSmart\u201d text\r\nwith a\x0bvertical tab, a \x00 and an \u2014 dash"


@pytest.fixture
def annotator(db):
    user = factories.make_role(factories.ANNOTATOR, "dr-annotates")
    return factories.make_reviewer_of(user)


@pytest.fixture
def client(annotator, client_of) -> Client:
    return client_of(annotator.user)


@pytest.fixture
def claimed(item, annotator) -> str:
    """The address of an item that the annotator has before them."""
    return f"/review/items/{claim_item(user=annotator.user).item_id}/"


def revision_of(response) -> str:
    return re.search(rb'name="revision" value="(\d+)"', response.content)[1].decode()


def send(client, path, do, **fields):
    revision = fields.pop("revision", None) or revision_of(client.get(path))
    return client.post(path, {"do": do, "revision": revision, **fields})


def label(number, value=1, **more):
    return {f"t{number}-here": "1", f"t{number}-label": str(value), **{f"t{number}-{k}": v for k, v in more.items()}}


WHOLE = {"all-here": "1", "all-answer_conclusion": "follows", "all-answer_teach": "as_example"}


def judge_all(client, path, item):
    for number in item.turn_numbers:
        assert send(client, path, "judge", **label(number)).status_code == 302
    assert send(client, path, "finish", **WHOLE).status_code == 302


def test_the_whole_way_without_scripts(client, claimed, item, annotator):
    home = client.post("/review/claim")
    assert home.headers["Location"] == claimed
    judge_all(client, claimed, item)
    assert Annotation.objects.get().stage == "FIRST"
    sent = send(client, claimed, "submit", **label(3, -1, errors=["anchoring"], harm="2"), **WHOLE)
    assert sent.headers["Location"] == "/review/"
    first, second = Annotation.objects.order_by("revision")
    assert (second.stage, second.supersedes) == ("SECOND", first)
    assert first.labels["turns"]["3"]["label"] == 1
    assert second.labels["turns"]["3"] | {"comment": ""} == second.labels["turns"]["3"]
    assert second.labels["turns"]["3"]["errors"] == ["anchoring"]
    assert not Draft.objects.exists()
    assert not Reservation.objects.exists()
    assert item.trajectory.case.title.encode() in client.get("/review/").content
    done = client.get(claimed)
    assert b"Anchoring" in done.content
    assert client.post(claimed, {"do": "submit", "revision": "1"}).status_code == 409


def test_the_future_is_not_on_the_page(client, claimed, item):
    truth = item.trajectory.case.payload["diagnosis"]["text"]
    for place in range(len(item.turn_numbers)):
        page = client.get(claimed).content.decode()
        assert f"Reasoning of turn {place + 1}." in page
        assert f"Reasoning of turn {place + 2}." not in page
        # What the case answered to the turn in question is its future as well.
        assert f'id="r{place + 2}"' not in page
        assert place == 0 or f'id="r{place + 1}"' in page
        assert "of ?" in page
        assert place == len(item.turn_numbers) - 1 or truth not in page
        assert "A model that judges" not in page
        assert item.reason not in page
        # What the board says of a turn comes after the reviewer's own label.
        assert page.count("</span>unsupported<span") == min(place, 1)
        send(client, claimed, "judge", **label(place + 2))
    page = client.get(claimed).content.decode()
    assert "Show the truth" in page
    assert 'id="truth-head"' not in page
    send(client, claimed, "finish", **WHOLE)
    page = client.get(claimed).content.decode()
    assert 'id="truth-head"' in page
    assert item.reason in page


def test_a_turn_that_was_not_shown_cannot_be_labelled(client, claimed):
    assert send(client, claimed, "save", **label(4)).status_code == 422
    assert send(client, claimed, "finish", **WHOLE).status_code == 422
    assert send(client, claimed, "submit", **WHOLE).status_code == 422
    assert Draft.objects.get().labels in ({}, {"turns": {}, "trajectory": {"answers": {}, "comment": ""}}) or (
        "4" not in Draft.objects.get().labels["turns"]
    )
    assert not Annotation.objects.exists()


def test_going_back_is_remembered(client, claimed):
    send(client, claimed, "judge", **label(2))
    send(client, claimed, "back")
    page = client.get(claimed).content.decode()
    assert "Reasoning of turn 1." in page
    assert "Reasoning of turn 2." not in page
    send(client, claimed, "judge", **label(2, 0))
    turns = Draft.objects.get().labels["turns"]
    assert (turns["2"]["label"], turns["2"]["hindsight"]) == (0, True)
    send(client, claimed, "judge", **label(3))
    assert Draft.objects.get().labels["turns"]["3"]["hindsight"] is False


def test_what_is_missing_is_said_and_what_is_there_is_kept(client, claimed):
    response = send(client, claimed, "judge", **label(2, -1, comment="It is a guess."))
    assert response.status_code == 422
    page = response.content.decode()
    assert "tick at least one kind of error" in page
    assert "how much harm" in page
    assert "It is a guess." in page
    assert Draft.objects.get().labels["turns"]["2"]["comment"] == "It is a guess."
    again = send(client, claimed, "judge", **label(2, -1, errors=["unsafe"], harm="3", inherited="on"))
    assert "no error to inherit" in again.content.decode()
    assert send(client, claimed, "judge", **label(2, -1, errors=["unsafe"], harm="3")).status_code == 302


def test_a_comment_that_is_too_long_comes_back_whole(client, claimed):
    text = "Word " * 40_000
    response = send(client, claimed, "judge", **label(2, comment=text))
    assert response.status_code == 422
    page = response.content.decode()
    assert "200,000 characters; at most 20,000 fit" in page
    assert text in page
    saved = client.post(f"{claimed}draft", {"revision": revision_of(client.get(claimed)), **label(2, comment=text)})
    assert saved.status_code == 422
    assert "at most 20,000 fit" in saved.json()["reason"]


def test_text_from_a_word_processor_is_kept_as_plain_text(client, claimed):
    send(client, claimed, "save", **label(2, comment=f"<b>{WORD}</b>"))
    kept = Draft.objects.get().labels["turns"]["2"]["comment"]
    assert kept == "<b>\u201cSmart\u201d text\nwith a vertical tab, a  and an \u2014 dash</b>"
    page = client.get(claimed).content.decode()
    assert "&lt;b&gt;\u201cSmart\u201d" in page


def test_a_stale_write_changes_nothing_and_shows_both(client, claimed):
    old = revision_of(client.get(claimed))
    send(client, claimed, "save", **label(2, 1, comment="From the first window."))
    stale = send(client, claimed, "judge", **label(2, 0, comment="From the second."), revision=old)
    assert stale.status_code == 409
    page = stale.content.decode()
    assert "From the first window." in page
    assert "From the second." in page
    assert Draft.objects.get().labels["turns"]["2"]["label"] == 1
    merged = {"merge": "1", "pick-t2-label": "theirs", "pick-t2-comment": "both"}
    sent = label(2, 0, comment="From the second.")
    assert send(client, claimed, "save", **sent, **merged, revision=revision_of(stale)).status_code == 302
    turn = Draft.objects.get().labels["turns"]["2"]
    assert (turn["label"], turn["comment"]) == (1, "From the first window.\n\nFrom the second.")
    kept = client.post(f"{claimed}draft", {"revision": old, **label(2, -1)})
    assert kept.status_code == 409
    assert "another window" in kept.json()["reason"]


def test_the_same_twice_is_once(client, claimed):
    form = {"revision": revision_of(client.get(claimed)), **label(2)}
    for _ in range(2):
        assert client.post(claimed, {"do": "judge", **form}).status_code == 302
    assert Draft.objects.get().position == 1


def test_drafts_save_themselves(client, claimed):
    saved = client.post(f"{claimed}draft", {"revision": revision_of(client.get(claimed)), **label(2, comment="So far")})
    assert saved.status_code == 200
    assert set(saved.json()) == {"revision", "expires"}
    assert str(saved.json()["revision"]) == revision_of(client.get(claimed))
    assert "expires" in client.post(f"{claimed}heartbeat").json()
    Reservation.objects.all().delete()
    assert "ran out" in client.post(f"{claimed}heartbeat").json()["claim"]


def test_an_expired_claim_is_taken_up_again_while_there_is_a_place(client, claimed):
    Reservation.objects.all().delete()
    assert send(client, claimed, "judge", **label(2)).status_code == 302
    assert Reservation.objects.count() == 1


def test_when_others_took_the_item_what_was_written_is_kept(client, claimed, item):
    Reservation.objects.all().delete()
    claim_item(user=factories.make_reviewer().user)
    gone = send(client, claimed, "judge", **label(2, comment="Still mine."))
    assert gone.status_code == 409
    assert "other reviewers took the item" in gone.content.decode()
    assert "Still mine." in gone.content.decode()
    assert Draft.objects.get(reviewer__user__username="dr-annotates").labels["turns"]["2"]["comment"] == "Still mine."
    assert b"Begun and kept" in client.get("/review/").content


def test_a_retired_item_says_so_and_keeps_the_draft(client, claimed, item):
    retire_item(item=item, reason="The case was withdrawn.")
    gone = send(client, claimed, "judge", **label(2, comment="Kept."))
    assert gone.status_code == 409
    assert "The case was withdrawn." in gone.content.decode()
    assert Draft.objects.get().labels["turns"]["2"]["comment"] == "Kept."


def test_another_rubric_does_not_change_what_is_being_judged(client, claimed, item):
    version = item.rubric_version
    other = create_version(rubric=version.rubric, content={**version.content, "errors": [], "harms": []})
    use_version(version=other)
    assert b"Anchoring" in client.get(claimed).content
    assert send(client, claimed, "judge", **label(2, -1, errors=["anchoring"], harm="1")).status_code == 302
    assert RubricVersion.objects.get(pk=version.pk).state == "LOCKED"


def test_in_first_error_mode_judging_stops_at_the_first_error(client, annotator):
    version = factories.make_item().rubric_version
    use_version(version=create_version(rubric=version.rubric, content={**version.content, "mode": "first_error"}))
    item = factories.make_item(priority=5)
    path = f"/review/items/{claim_item(user=annotator.user).item_id}/"
    assert str(item.pk) in path
    send(client, path, "judge", **label(2))
    send(client, path, "judge", **label(3, -1, errors=["unsafe"], harm="3"))
    assert b"The work-up as a whole" in client.get(path).content
    send(client, path, "finish", **WHOLE)
    assert set(Annotation.objects.get().labels["turns"]) == {"2", "3"}


def test_skipping_asks_why(client, claimed):
    assert send(client, claimed, "skip", **label(2)).headers["Location"] == f"{claimed}skip/"
    assert client.post(f"{claimed}skip/", {"reason": "OTHER"}).status_code == 422
    assert client.post(f"{claimed}skip/", {"reason": "CONFLICT"}).headers["Location"] == "/review/"
    assert Skip.objects.get().reason == "CONFLICT"
    assert b"skipped" in client.get("/review/").content
    late = send(client, claimed, "judge", **label(2))
    assert late.status_code == 409
    assert b"You skipped this item" in late.content
    assert not Reservation.objects.exists()


def test_an_item_can_be_put_back_for_later(client, claimed):
    assert send(client, claimed, "release", **label(2)).headers["Location"] == "/review/"
    assert not Reservation.objects.exists()
    assert client.post("/review/claim").headers["Location"] == claimed
    assert Draft.objects.get().labels["turns"]["2"]["label"] == 1


def test_with_nothing_to_judge_the_page_says_so(client):
    empty = client.post("/review/claim")
    assert empty.status_code == 409
    assert b"nothing for you to judge" in empty.content


def test_training_answers_with_what_was_expected(client_of):
    user = factories.make_role(factories.ANNOTATOR)
    reference = {"turns": {str(n): {"label": -1 if n == 3 else 1, "comment": "Look again."} for n in range(2, 7)}}
    item = factories.make_item(kind="TRAINING", reference=reference)
    factories.make_item()
    client = client_of(user)
    path = client.post("/review/claim").headers["Location"]
    assert str(item.pk) in path
    judge_all(client, path, item)
    assert send(client, path, "submit", **WHOLE).headers["Location"] == path
    page = client.get(path).content.decode()
    assert "4 of 5 of your blind labels are those of the reference." in page
    assert "Look again." in page
    assert ReviewItem.objects.get(pk=client.post("/review/claim").url.split("/")[3]).kind == ReviewItem.Kind.REAL


def test_a_gold_item_tells_nothing(client, annotator, settings):
    settings.REVIEW = {**settings.REVIEW, "GOLD_SHARE": 1.0}
    reference = {"turns": {"2": {"label": -1, "comment": "The reference says so."}}}
    item = factories.make_item(kind="GOLD", reference=reference)
    path = client.post("/review/claim").headers["Location"]
    before = client.get(path).content.decode()
    judge_all(client, path, item)
    send(client, path, "submit", **WHOLE)
    for page in (before, client.get(path).content.decode()):
        assert "reference" not in page.lower()
        assert "gold" not in page.lower()
