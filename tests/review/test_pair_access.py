"""Who may open which page of pairs: nobody, a learner, an auditor, another reviewer, the one whose pair it is."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from review.services.pair_claiming import claim_pair
from tests.datasets.factories import AUDITOR, LEARNER
from tests.diagnosis.web.routes import list_routes
from tests.diagnosis.web.test_access import path_of
from tests.review import factories, pairs

pytestmark = pytest.mark.django_db
SIGN_IN = 302
# route: (method, another reviewer, mine). Nobody is sent to the sign-in; learners and auditors find no such page (404).
ROUTES = {
    "review/pairs/": ("get", 200, 200),
    "review/pairs/claim": ("post", 409, 302),
    # The other reviewer is an adjudicator: who compares does not see whose the ways are.
    "review/pairs/ranking/": ("get", 404, 404),
    "review/pairs/ranking.csv": ("get", 404, 404),
    "review/pairs/ranking.json": ("get", 404, 404),
    "review/pairs/<uuid:pair_id>/": ("get", 404, 200),
    "review/pairs/<uuid:pair_id>/skip/": ("get", 404, 200),
    "review/pairs/<uuid:pair_id>/draft": ("post", 404, 422),
    "review/pairs/<uuid:pair_id>/heartbeat": ("post", 404, 200),
}
FOR_AUDITORS = {route for route in ROUTES if "ranking" in route}


@pytest.fixture
def mine(db):
    """The reviewer who has the only pair before them."""
    pairs.make_siblings()
    reviewer = factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR, "dr-mine"))
    claim_pair(user=reviewer.user)
    return reviewer


def test_every_route_is_listed():
    assert {route for route in list_routes() if route.startswith("review/pairs/")} == set(ROUTES)


@pytest.mark.parametrize("who", ["nobody", "learner", "auditor", "another", "mine"])
def test_pages(client_of, mine, who):
    people = {
        "learner": lambda: factories.make_role(LEARNER),
        "auditor": lambda: factories.make_role(AUDITOR),
        "another": lambda: factories.make_role(factories.ADJUDICATOR),
        "mine": lambda: mine.user,
    }
    client = client_of(people[who]()) if who in people else Client()
    pair = mine.pairreservation.pair_id
    for route, (method, another, own) in ROUTES.items():
        auditor = 200 if route in FOR_AUDITORS else 404
        expected = {"nobody": SIGN_IN, "another": another, "mine": own, "auditor": auditor}.get(who, 404)
        response = getattr(client, method)(path_of(route, pair_id=pair))
        assert response.status_code == expected, route
        if who == "nobody":
            assert response.url.startswith("/accounts/login/?next=/review/pairs/")


def test_changes_need_a_post_and_a_csrf_token(mine):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mine.user, backend="django.contrib.auth.backends.ModelBackend")
    pair = mine.pairreservation.pair_id
    for route, (method, *_) in ROUTES.items():
        path = path_of(route, pair_id=pair)
        if route in FOR_AUDITORS:
            continue
        assert client.get(path).status_code == (405 if method == "post" else 200)
        if route != "review/pairs/":
            assert client.post(path).status_code == 403


def test_queries_do_not_grow_with_what_there_is(client_of, mine):
    client = client_of(mine.user)

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    answered = pairs.prefer(mine)
    short = claim_pair(user=mine.user).pair if pairs.make_siblings() else None
    before = count("/review/pairs/"), count(f"/review/pairs/{short.pk}/"), count(f"/review/pairs/{answered.pk}/")
    pairs.answer_pair(mine, short)
    for _ in range(6):
        pairs.make_siblings()
    for _ in range(3):
        pairs.prefer(mine)
    tree = pairs.make_tree((4, 5))
    long = pairs.add_pair(first=(tree, 7), second=(tree, 16), reason="Longer.", priority=9)
    assert claim_pair(user=mine.user).pair == long
    assert (
        count("/review/pairs/"),
        count(f"/review/pairs/{long.pk}/"),
        count(f"/review/pairs/{answered.pk}/"),
    ) == before
