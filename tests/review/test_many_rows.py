"""What a page or a claim asks of the database does not grow from ten items and pairs to a thousand."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.review_site import add_items, add_pairs, grow_trees
from review.models import Pair, ReviewItem
from review.services.claiming import claim_item, release_item
from review.services.pair_claiming import claim_pair, release_pair
from tests.review import factories, pairs

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(db, settings):
    settings.REVIEW = {**settings.REVIEW, "UNIFORM_SHARE": 0.0, "GOLD_SHARE": 0.0}
    return factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR, "dr-many"))


def add(count: int) -> None:
    case = factories.make_case()
    trees = grow_trees(case, count)
    add_items(trees, ["SYNTHETIC"], random.Random(count))
    add_pairs(case, trees, 1, random.Random(count))


def ask(reviewer, client) -> dict[str, int]:
    """Queries of the lists, of two claims, and of the pages that they lead to."""
    found = {}

    def count(name, action):
        with CaptureQueriesContext(connection) as queries:
            done = action()
        found[name] = len(queries)
        return done

    item = count("claim an item", lambda: claim_item(user=reviewer.user)).item
    pair = count("claim a pair", lambda: claim_pair(user=reviewer.user)).pair
    for path in ("/review/", "/review/pairs/", f"/review/items/{item.pk}/", f"/review/pairs/{pair.pk}/"):
        name = path.replace(str(item.pk), "item").replace(str(pair.pk), "pair")
        assert count(name, lambda path=path: client.get(path)).status_code == 200
    release_item(reviewer=reviewer, item=item)
    release_pair(reviewer=reviewer, pair=pair)
    return found


def test_ten_and_a_thousand_cost_the_same(reviewer, client_of):
    # The head of both queues can be shown; what was made in bulk has no words.
    factories.make_item(factories.make_trajectory(2), priority=9)
    pairs.make_siblings(priority=9)
    add(10)
    client = client_of(reviewer.user)
    ask(reviewer, client)
    few = ask(reviewer, client)
    add(990)
    assert ReviewItem.objects.count() > 1000
    assert Pair.objects.count() > 990
    assert ask(reviewer, client) == few
