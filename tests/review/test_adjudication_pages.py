"""The pages of those who decide, as a browser without scripts uses them, and the guideline that grows from it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from review.models import Adjudication, Exemplar, Reviewer
from review.selectors.adjudicating import get_disagreement
from review.services import retire_item
from review.services.claiming import claim_item
from review.services.rubrics import create_version, use_version
from tests.datasets.factories import AUDITOR, DATA_MANAGER, LEARNER
from tests.review import factories
from tests.review.test_adjudicating import decide, disputed

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewers(db):
    return [factories.make_reviewer(f"dr-{name}") for name in ("secret-one", "secret-two")]


@pytest.fixture
def adjudicator(db):
    return factories.make_role(factories.ADJUDICATOR, "dr-decides")


@pytest.fixture
def client(adjudicator, client_of):
    return client_of(adjudicator)


@pytest.fixture
def item(reviewers):
    return disputed(reviewers)


def address(item, place=""):
    return f"/review/adjudication/{item.pk}/{place}"


def fields_of(response) -> dict[str, str]:
    """What the form holds that a person does not fill in."""
    return {"stamp": re.search(rb'name="stamp" value="(\w+)"', response.content)[1].decode()}


def wrong_letter(adjudicator, item) -> str:
    judges = get_disagreement(user=adjudicator, item_id=item.pk).judges
    return next(judge.letter for judge in judges if judge.labels.of(2).label == -1)


def test_the_whole_way_without_scripts(client, item, adjudicator):
    listed = client.get("/review/adjudication/").content.decode()
    assert address(item) in listed
    assert "29% agreement" in listed
    page = client.get(address(item))
    text = page.content.decode()
    assert text.count("The labels differ") == len(item.turn_numbers)
    assert "<mark>Anchoring</mark>" in text
    assert item.trajectory.case.payload["diagnosis"]["text"] in text
    letter = wrong_letter(adjudicator, item)
    sent = client.post(address(item), {**fields_of(page), "letter": letter, "cause": "KNOWLEDGE", "note": "So."})
    assert (sent.status_code, sent.url) == (302, address(item))
    made = Adjudication.objects.get()
    assert (made.annotation.labels["turns"]["2"]["label"], made.note, made.by) == (-1, "So.", adjudicator)
    assert f"the judgement of Rater {letter} counts" in client.get(address(item)).content.decode()
    assert address(item) not in client.get("/review/adjudication/").content.decode()
    assert address(item) in client.get("/review/adjudication/?show=decided").content.decode()


def test_pages_tell_nobody_who_judged(client, item, reviewers):
    for place in ("", "own/"):
        text = client.get(address(item, place)).content.decode()
        for reviewer in reviewers:
            assert reviewer.user.username not in text
            assert reviewer.alias not in text
        assert "A model that judges" not in text
        assert "Rater A" in text


@pytest.mark.parametrize(
    ("values", "status", "sentence"),
    [
        ({"letter": ""}, 422, "Choose whose judgement counts"),
        ({"cause": "NO"}, 422, "Choose why they disagreed"),
        ({"note": "Long. " * 34_000}, 422, "at most 20,000 fit"),
        ({"stamp": "old"}, 409, "Somebody judged or decided this item meanwhile"),
        ({"note": "\u201cWord\u201d\r\nwith\x00 a\x0btab", "letter": ""}, 422, "\u201cWord\u201d"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_sent(client, item, values, status, sentence):
    fields = {**fields_of(client.get(address(item))), "letter": "B", "cause": "SLIP", "note": "A note to keep."}
    sent = client.post(address(item), {**fields, **values})
    text = sent.content.decode()
    assert (sent.status_code, sentence in text) == (status, True)
    if "note" not in values:
        assert "A note to keep." in text
    if "letter" not in values:
        assert re.search(r'value="B" data-letter="b" checked', text)
    assert not Adjudication.objects.exists()
    again = client.post(address(item), {**fields, **fields_of(sent)})
    assert again.status_code == 302


def own_fields(item, label="0"):
    turns = {
        f"t{number}-{name}": value
        for number in item.turn_numbers
        for name, value in (("here", "1"), ("label", label), ("comment", f"Mine of {number}."))
    }
    return {**turns, "all-here": "1", "all-answer_conclusion": "partly", "all-answer_teach": "with_comments"}


def test_writing_ones_own(client, item, adjudicator):
    letter = wrong_letter(adjudicator, item)
    page = client.get(address(item, f"own/?from={letter}"))
    assert re.search(r'name="t2-label" value="-1" checked', page.content.decode())
    fields = {**fields_of(page), "cause": "RUBRIC"}
    missing = client.post(address(item, "own/"), {**fields, **own_fields(item, "-1")})
    assert missing.status_code == 422
    assert "Turn 1: Say what is wrong" in missing.content.decode()
    assert "Mine of 3." in missing.content.decode()
    long = client.post(address(item, "own/"), {**fields, **own_fields(item), "t2-comment": "x" * 20_001})
    assert long.status_code == 422
    assert "x" * 20_001 in long.content.decode()
    stale = client.post(address(item, "own/"), {**fields, **own_fields(item), "stamp": "old"})
    assert (stale.status_code, "Mine of 4." in stale.content.decode()) == (409, True)
    assert client.post(address(item, "own/"), {**fields, **own_fields(item)}).status_code == 302
    made = Adjudication.objects.get()
    assert (made.annotation.stage, made.annotation.labels["turns"]["3"]["comment"]) == ("THIRD", "Mine of 3.")
    assert "a judgement that an adjudicator wrote counts" in client.get(address(item)).content.decode()


def test_only_adjudicators_and_never_ones_own(client_of, item, reviewers):
    auditor, manager, learner = (factories.make_role(role) for role in (AUDITOR, DATA_MANAGER, LEARNER))
    annotator = factories.make_role(factories.ANNOTATOR)
    for user in (auditor, manager, learner, annotator):
        for path in ("/review/adjudication/", address(item), address(item, "own/")):
            assert client_of(user).get(path).status_code == 404
    judge = factories.make_role(factories.ADJUDICATOR)
    Reviewer.objects.filter(pk=reviewers[0].pk).update(user=judge)
    theirs = client_of(judge)
    assert theirs.get("/review/adjudication/").status_code == 200
    assert theirs.get(address(item)).status_code == 404
    assert theirs.post(address(item), {"letter": "A"}).status_code == 404
    assert theirs.post(address(item, "exemplars")).status_code == 404


def mark(client, item, **values):
    fields = {"turn": "2", "point": "errors:anchoring", "sentence": "It held on to its first idea."}
    return client.post(address(item, "exemplars"), {**fields, **values})


def test_an_example_reaches_the_guideline(client, item, adjudicator):
    assert mark(client, item).status_code == 409
    decide(adjudicator, item, wrong_letter(adjudicator, item))
    assert "Mark turn 1 as an example" in client.get(address(item)).content.decode()
    refused = mark(client, item, sentence="x" * 401)
    assert (refused.status_code, "x" * 401 in refused.content.decode()) == (422, True)
    assert mark(client, item, turn="x").status_code == 422
    assert mark(client, item).status_code == 302
    text = client.get("/review/guideline/").content.decode()
    assert "It held on to its first idea." in text
    assert "Reasoning of turn 1." in text
    assert item.trajectory.case.payload["diagnosis"]["text"] not in text
    exemplar = Exemplar.objects.get()
    assert client.post(f"/review/exemplars/{exemplar.pk}/remove").status_code == 302
    assert "It held on" not in client.get("/review/guideline/").content.decode()


def test_an_example_of_a_decision_that_was_changed_is_gone(client, item, adjudicator):
    letter = wrong_letter(adjudicator, item)
    decide(adjudicator, item, letter)
    mark(client, item)
    decide(adjudicator, item, letter)
    assert "It held on" not in client.get("/review/guideline/").content.decode()


def test_no_example_of_a_case_that_may_still_come(client, client_of, item, adjudicator, reviewers):
    decide(adjudicator, item, wrong_letter(adjudicator, item))
    mark(client, item)
    annotator = factories.make_role(factories.ANNOTATOR)
    factories.make_reviewer_of(annotator)
    readers = {"annotator": client_of(annotator), "auditor": client_of(factories.make_role(AUDITOR)), "its judge": None}
    reviewers[0].user.groups.add(*annotator.groups.all())
    readers["its judge"] = client_of(reviewers[0].user)

    def seen_by() -> set[str]:
        pages = {who: reader.get("/review/guideline/").content.decode() for who, reader in readers.items()}
        shown = {who for who, page in pages.items() if "It held on" in page}
        assert all(("not shown" in page) != (who in shown) for who, page in pages.items())
        return shown

    assert seen_by() == set(readers)
    # Another branch or run of the same case, for one more reviewer.
    sibling = factories.make_item(factories.make_trajectory(3, case=item.trajectory.case), required=1)
    assert seen_by() == {"auditor"}
    retire_item(item=sibling, reason="Not needed.")
    assert seen_by() == set(readers)
    # It is still open to some, but not to those who have judged it.
    again = factories.make_item(factories.make_trajectory(3, case=item.trajectory.case), required=2, priority=99)
    assert claim_item(user=reviewers[0].user).item == again
    factories.judge(reviewers[0], again)
    assert seen_by() == {"auditor", "its judge"}


def test_guidelines_by_version(client, item, adjudicator):
    decide(adjudicator, item, wrong_letter(adjudicator, item))
    mark(client, item)
    old = item.rubric_version
    new = create_version(rubric=old.rubric, content={**old.content, "title": "New"}, note="Another.")
    use_version(version=new)
    assert "It held on" not in client.get("/review/guideline/").content.decode()
    assert "It held on" in client.get(f"/review/guideline/?version={old.pk}").content.decode()
    for nonsense in ("77", "x"):
        assert client.get(f"/review/guideline/?version={nonsense}").status_code == 404


def test_a_guideline_without_a_rubric(client):
    assert "There is no rubric yet" in client.get("/review/guideline/").content.decode()


def test_the_number_of_queries_stays_the_same(client, item, adjudicator, reviewers):
    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    def decide_one() -> None:
        one = disputed(reviewers)
        decide(adjudicator, one, wrong_letter(adjudicator, one))
        mark(client, one)
        disputed(reviewers)

    decide_one()
    paths = ("/review/adjudication/", "/review/adjudication/?show=decided", "/review/guideline/")
    # The first visit makes the profile of a reviewer.
    count("/review/guideline/")
    before = [count(path) for path in paths]
    for _ in range(3):
        decide_one()
    assert [count(path) for path in paths] == before
    short = disputed(reviewers, trajectory=factories.make_trajectory(2))
    assert count(address(item)) == count(address(short))


def test_the_administration_shows_decisions(client_of, item, adjudicator, client, django_user_model):
    decide(adjudicator, item, wrong_letter(adjudicator, item), note="A note to read.")
    decide(adjudicator, item, wrong_letter(adjudicator, item))
    mark(client, item)
    chief = client_of(django_user_model.objects.create_superuser("chief", password="correct horse"))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            listed = chief.get("/admin/review/adjudication/")
        text = listed.content.decode()
        assert "A note to read." in text
        assert Adjudication.objects.first().annotation.reviewer.alias in text
        return len(queries)

    before = count()
    decide(adjudicator, item, wrong_letter(adjudicator, item))
    assert count() == before
    assert "It held on" in chief.get("/admin/review/exemplar/").content.decode()
    first = Adjudication.objects.first()
    assert chief.get(f"/admin/review/adjudication/{first.pk}/change/").status_code == 200
    assert chief.post(f"/admin/review/adjudication/{first.pk}/delete/", {"post": "yes"}).status_code == 403
