"""What is said about an item, who is told, and who never learns of it."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from review.models import AuditEntry, Mention, Remark
from review.rules.mentions import MOST, find_names
from review.selectors.remarks import get_part, list_mentions, list_remarks
from review.services.claiming import claim_item
from review.services.remarking import see_mentions, write_remark
from tests.review import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(db):
    return factories.make_item(required=3)


@pytest.fixture
def rater(item):
    reviewer = factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR, "dr-mine"))
    claim_item(user=reviewer.user)
    return reviewer


@pytest.fixture
def other(item):
    reviewer = factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR, "dr-other"))
    claim_item(user=reviewer.user)
    return reviewer


@pytest.fixture
def adjudicator(db):
    return factories.make_role(factories.ADJUDICATOR, "dr-decides")


def say(user, item, text: str) -> Remark:
    return write_remark(part=get_part(user=user, item_id=item.pk), text=text)


def told(remark: Remark) -> set[str]:
    return set(remark.mentions.values_list("user__username", flat=True))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ask @dr-decides, or @Adjudicators.", ("dr-decides", "adjudicators")),
        ("Mail me: someone@example.org; @", ()),
        ("@a @A @a.", ("a",)),
        ("(@R-ABC123)", ("r-abc123",)),
        (" ".join(f"@n{number}" for number in range(50)), tuple(f"n{number}" for number in range(MOST))),
    ],
)
def test_names_in_a_text(text, names):
    assert find_names(text) == names


def test_a_rater_names_adjudicators_and_nobody_else(rater, other, item, adjudicator):
    second = factories.make_role(factories.ADJUDICATOR, "dr-decides-too")
    text = f"@dr-decides, is this order fine? @{other.alias} @dr-other @nobody-at-all"
    assert told(say(rater.user, item, text)) == {"dr-decides"}
    assert told(say(rater.user, item, "@ADJUDICATORS?")) == {"dr-decides", second.username}
    assert Remark.objects.first().text == text


def test_an_adjudicator_names_a_rater_by_alias_and_only_one_of_this_item(rater, item, adjudicator):
    elsewhere = factories.make_reviewer("dr-elsewhere")
    remark = say(adjudicator, item, f"@{rater.alias.lower()} see the first result. @{elsewhere.alias} @dr-mine")
    assert told(remark) == {"dr-mine"}


def test_raters_do_not_see_each_other(rater, other, item, adjudicator):
    say(rater.user, item, "@adjudicators I doubt this.")
    say(adjudicator, item, f"@{rater.alias} so do I.")
    mine = list_remarks(get_part(user=rater.user, item_id=item.pk))
    assert [(each.who, each.mine) for each in mine] == [("You", True), ("An adjudicator", False)]
    assert list_remarks(get_part(user=other.user, item_id=item.pk)) == []
    theirs = list_remarks(get_part(user=adjudicator, item_id=item.pk))
    assert [each.who for each in theirs] == [rater.alias, "You"]


def test_an_adjudicator_who_is_judging_the_item_sees_no_more_than_a_rater(rater, item, adjudicator):
    say(rater.user, item, "@dr-decides I doubt this.")
    factories.make_reviewer_of(adjudicator)
    claim_item(user=adjudicator)
    assert list_remarks(get_part(user=adjudicator, item_id=item.pk)) == []


def test_who_is_mentioned_is_told_until_they_have_seen_it(client_of, rater, item, adjudicator):
    remark = say(rater.user, item, "@adjudicators <b>Is</b> this order fine?")
    client = client_of(adjudicator)
    home = client.get("/review/").content.decode()
    assert "You are mentioned" in home
    assert "&lt;b&gt;Is&lt;/b&gt; this order fine?" in home
    page = client.get(f"/review/items/{item.pk}/remarks/").content.decode()
    assert rater.alias in page
    assert "dr-mine" not in page
    assert client.post(f"/review/items/{item.pk}/remarks/", {"do": "seen"}).url == "/review/"
    assert "You are mentioned" not in client.get("/review/").content.decode()
    assert remark.mentions.get().seen_at is not None


def test_one_who_may_no_longer_read_it_is_not_told(rater, item, adjudicator):
    say(rater.user, item, "@dr-decides?")
    adjudicator.groups.clear()
    fresh = type(adjudicator).objects.get(pk=adjudicator.pk)
    assert list_mentions(fresh) == []


def test_from_the_page(client_of, rater, item, adjudicator):
    client = client_of(rater.user)
    address = f"/review/items/{item.pk}/remarks/"
    assert address in client.get(f"/review/items/{item.pk}/").content.decode()
    assert client.post(address, {"do": "write", "text": "@adjudicators?"}).url == address
    page = client.get(address).content.decode()
    assert "@adjudicators?" in page
    empty = client.post(address, {"do": "write", "text": " \r\n"})
    assert (empty.status_code, "Write something first" in empty.content.decode()) == (422, True)
    long = client.post(address, {"do": "write", "text": "z" * 200_000})
    assert (long.status_code, "z" * 200_000 in long.content.decode()) == (422, True)
    assert Remark.objects.count() == 1


def test_nothing_for_those_who_have_nothing_to_do_with_it(client_of, rater, item):
    stranger = factories.make_role(factories.ANNOTATOR)
    factories.make_reviewer_of(stranger)
    client = client_of(stranger)
    assert client.get(f"/review/items/{item.pk}/remarks/").status_code == 404
    assert client.post(f"/review/items/{item.pk}/remarks/", {"text": "x"}).status_code == 404


def test_what_was_said_stays(rater, item, adjudicator):
    remark = say(rater.user, item, "@dr-decides?")
    for change in (
        lambda: remark.delete(),
        lambda: Remark.objects.update(text="x"),
        lambda: Mention.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        Mention.objects.update(user=rater.user)
    see_mentions(part=get_part(user=adjudicator, item_id=item.pk))
    entry = AuditEntry.objects.get(verb="remark")
    assert "dr-decides" not in str(entry.detail)


def test_the_number_of_queries_does_not_grow(client_of, rater, item, adjudicator):
    address = f"/review/items/{item.pk}/remarks/"
    client = client_of(adjudicator)

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    say(rater.user, item, "@adjudicators 0")
    client.get("/review/")
    before = (count("/review/"), count(address))
    for number in range(1, 8):
        say(rater.user, item, f"@adjudicators {number}")
    assert (count("/review/"), count(address)) == before
