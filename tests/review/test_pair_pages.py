"""The page on which two are compared, without scripts; tests/e2e/test_pairs.py opens it in a browser."""

import re

import pytest

from review.models import Pair, PairDraft, PairReservation, Preference
from review.services.pair_claiming import claim_pair
from review.services.pairing import retire_pair
from tests.review import factories, pairs

pytestmark = pytest.mark.django_db
TRUTH = "The truth"


@pytest.fixture
def reviewer(db):
    return factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR, "dr-compares"))


@pytest.fixture
def client(client_of, reviewer):
    return client_of(reviewer.user)


@pytest.fixture
def pair(reviewer) -> Pair:
    pairs.make_rivals(policies=("secret-kg", "secret-llm"))
    return claim_pair(user=reviewer.user).pair


def address(pair: Pair) -> str:
    return f"/review/pairs/{pair.pk}/"


def send(client, pair: Pair, **fields):
    revision = PairDraft.objects.get(pair=pair).revision
    return client.post(address(pair), {"revision": revision, "comment": "", **fields})


def test_the_page_names_no_model_and_no_truth(client, pair):
    html = client.get(address(pair)).content.decode()
    assert "secret" not in html
    assert TRUTH not in html
    assert html.count("Presentation</h2>") == 1
    assert html.index('id="way-A"') < html.index('id="way-B"')
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_the_side_that_stood_on_the_left_is_a(client, pair):
    page = client.get(address(pair)).content.decode()
    left = PairDraft.objects.get().left
    shown = page[page.index('id="way-A"') : page.index('id="way-B"')]
    way = pair.first_trajectory if left == "FIRST" else pair.second_trajectory
    assert way.nodes.get(seq=1).content["turn"]["reasoning"] in shown
    send(client, pair, choice="A")
    assert Preference.objects.get().choice == left


def test_an_answer_leads_to_the_next_pair_and_can_be_changed(client, pair, reviewer):
    following = pairs.make_siblings()
    response = send(client, pair, choice="TIE", reasons=["anchoring"], confidence="4", comment="Alike.\r\n")
    assert response.url == address(following)
    stored = Preference.objects.get()
    assert (stored.choice, stored.reasons, stored.confidence, stored.comment) == ("TIE", ["anchoring"], 4, "Alike.\n")
    html = client.get(address(following)).content.decode()
    assert f'href="{address(pair)}" data-back' in html
    html = client.get(address(pair)).content.decode()
    assert "You answered: No difference" in html
    assert TRUTH not in html
    assert send(client, pair, choice="BOTH_BAD").url == address(following)
    assert Preference.objects.get(revision=2).choice == "BOTH_BAD"
    assert "Both bad" in client.get("/review/pairs/").content.decode()


def test_the_last_answer_leads_home_with_a_sentence(client, pair):
    response = client.post(address(pair), {"revision": 1, "choice": "B"}, follow=True)
    assert response.redirect_chain[-1][0] == "/review/pairs/"
    assert "no pair for you to compare now" in response.content.decode()


def test_the_truth_comes_after_the_answer_when_asked_for(client, pair):
    assert send(client, pair, do="truth").status_code == 422
    send(client, pair, choice="A")
    assert TRUTH not in client.get(address(pair)).content.decode().replace("Show the truth", "")
    assert send(client, pair, do="truth").url == address(pair)
    html = client.get(address(pair)).content.decode()
    assert TRUTH in html
    assert pair.case.payload["diagnosis"]["text"] in html
    send(client, pair, choice="B")
    assert Preference.objects.get(revision=2).hindsight


def test_a_comment_of_200_kb_comes_back_with_a_sentence(client, pair):
    text = "Long. " * 34_000
    response = send(client, pair, choice="A", comment=text)
    assert response.status_code == 422
    html = response.content.decode()
    assert "at most 20,000 fit" in html
    assert text in html
    assert not Preference.objects.exists()


def test_two_windows_are_merged_by_choice(client, pair):
    client.post(f"{address(pair)}draft", {"revision": 1, "comment": "From the first."})
    late = {"revision": 1, "comment": "From the second.", "choice": "B"}
    response = client.post(address(pair), late)
    assert response.status_code == 409
    html = response.content.decode()
    assert "From the first." in html
    assert "From the second." in html
    assert client.post(f"{address(pair)}draft", late).status_code == 409
    merged = {**late, "revision": 2, "merge": "1", "do": "save", "pick-pair-comment": "both"}
    client.post(address(pair), merged)
    stored = Preference.objects.get()
    assert stored.comment == "From the first.\n\nFrom the second."
    assert stored.choice != "TIE"


def test_a_retired_pair_says_so_and_keeps_what_was_written(client, pair):
    retire_pair(pair=pair, reason="The case was withdrawn.")
    response = send(client, pair, choice="A", comment="Kept.")
    assert response.status_code == 409
    assert "The case was withdrawn." in response.content.decode()
    assert PairDraft.objects.get().answer["comment"] == "Kept."


def test_drafts_and_signs_of_life(client, pair):
    saved = client.post(f"{address(pair)}draft", {"revision": 1, "comment": "Begun.", "choice": "A"}).json()
    assert saved["revision"] == 2
    assert "expires" in saved
    assert not Preference.objects.exists()
    assert client.post(f"{address(pair)}draft", {"revision": 2, "comment": "x" * 30_000}).status_code == 422
    assert client.post(f"{address(pair)}draft", {"comment": "x"}).status_code == 422
    assert "expires" in client.post(f"{address(pair)}heartbeat").json()
    PairReservation.objects.all().delete()
    assert "ran out" in client.post(f"{address(pair)}heartbeat").json()["claim"]
    send(client, pair, choice="A")
    assert "answered" in client.post(f"{address(pair)}heartbeat").json()["claim"]


def test_putting_back_and_skipping(client, pair):
    assert send(client, pair, do="release").url == "/review/pairs/"
    assert not PairReservation.objects.exists()
    assert client.post("/review/pairs/claim").url == address(pair)
    assert send(client, pair, do="skip").url == f"{address(pair)}skip/"
    assert client.post(f"{address(pair)}skip/", {"reason": "OTHER"}).status_code == 422
    assert client.post(f"{address(pair)}skip/", {"reason": "CONFLICT"}).url == "/review/pairs/"
    assert client.post(f"{address(pair)}skip/", {"reason": "CONFLICT"}).status_code == 409
    assert client.post("/review/pairs/claim").status_code == 409
    assert send(client, pair, choice="A").status_code == 409
