"""Who may open which page of review: nobody, a learner, an auditor, another reviewer, the one whose item it is."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from review.rules import TurnLabel
from review.services.claiming import claim_item
from review.services.correcting import open_correction
from review.services.drafting import save_draft
from tests.datasets.factories import AUDITOR, LEARNER
from tests.diagnosis.web.routes import list_routes
from tests.diagnosis.web.test_access import path_of
from tests.review import factories

pytestmark = pytest.mark.django_db
SIGN_IN = 302
# route: (method, another reviewer, mine). Nobody is sent to the sign-in; learners and auditors find no such page (404).
ROUTES = {
    "review/": ("get", 200, 200),
    "review/claim": ("post", 409, 302),
    "review/names/": ("get", 200, 200),
    "review/edges/": ("get", 200, 200),
    "review/edges/judge": ("post", 404, 404),
    "review/items/<uuid:item_id>/": ("get", 404, 200),
    "review/items/<uuid:item_id>/skip/": ("get", 404, 200),
    "review/items/<uuid:item_id>/draft": ("post", 404, 422),
    "review/items/<uuid:item_id>/heartbeat": ("post", 404, 200),
    # The other reviewer is an adjudicator; the item does not have all its judgements yet.
    "review/adjudication/": ("get", 200, 404),
    "review/adjudication/<uuid:item_id>/": ("get", 404, 404),
    "review/adjudication/<uuid:item_id>/own/": ("get", 404, 404),
    "review/adjudication/<uuid:item_id>/exemplars": ("post", 404, 404),
    "review/exemplars/<int:exemplar_id>/remove": ("post", 404, 404),
    "review/guideline/": ("get", 200, 200),
    "review/agreement/": ("get", 404, 404),
    "review/agreement/ask": ("post", 404, 404),
    "review/agreement/mine/": ("get", 200, 200),
    "review/agreement/<int:report_id>.csv": ("get", 404, 404),
    "review/agreement/<int:report_id>.json": ("get", 404, 404),
    "review/items/<uuid:item_id>/turns/<int:turn_number>/correct": ("post", 404, 302),
    # Adjudicators may read and answer.
    "review/items/<uuid:item_id>/remarks/": ("get", 200, 200),
    "review/corrections/<uuid:correction_id>/": ("get", 404, 200),
    "review/corrections/<uuid:correction_id>/draft": ("post", 404, 422),
}
# Pages that those who look after review may read as well.
FOR_AUDITORS = {"review/guideline/", "review/agreement/"}


@pytest.fixture
def mine(item):
    """The reviewer who has the item before them."""
    reviewer = factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR, "dr-mine"))
    claim_item(user=reviewer.user)
    return reviewer


@pytest.fixture
def correction(mine, item):
    """Of the first turn, which has a label."""
    draft = save_draft(reviewer=mine, item=item, revision=1, turns={2: TurnLabel(label=0)})
    return open_correction(reviewer=mine, item=draft.item, turn_number=2)


def test_every_route_is_listed():
    elsewhere = "review/pairs/"  # tests/review/test_pair_access.py
    mine = {route for route in list_routes() if route.startswith("review/") and not route.startswith(elsewhere)}
    assert mine == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("who", ["nobody", "learner", "auditor", "another", "mine"])
def test_pages(client_of, item, mine, correction, route, who):
    method, another, own = ROUTES[route]
    people = {
        "learner": lambda: factories.make_role(LEARNER),
        "auditor": lambda: factories.make_role(AUDITOR),
        "another": lambda: factories.make_role(factories.ADJUDICATOR),
        "mine": lambda: mine.user,
    }
    client = client_of(people[who]()) if who in people else Client()
    auditor = 200 if route in FOR_AUDITORS else 404
    expected = {"nobody": SIGN_IN, "learner": 404, "auditor": auditor, "another": another, "mine": own}[who]
    response = getattr(client, method)(
        path_of(route, item_id=item.pk, exemplar_id=1, turn_number=2, correction_id=correction.pk)
    )
    assert response.status_code == expected
    if who == "nobody":
        assert response.url.startswith("/accounts/login/?next=/review/")


@pytest.mark.parametrize("route", [route for route, entry in ROUTES.items() if entry[0] == "post"])
def test_changes_need_a_post_and_a_csrf_token(item, mine, correction, route):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mine.user, backend="django.contrib.auth.backends.ModelBackend")
    path = path_of(route, item_id=item.pk, exemplar_id=1, turn_number=2, correction_id=correction.pk)
    assert client.get(path).status_code == 405
    assert client.post(path).status_code == 403


def test_the_page_of_an_item_needs_a_token_too(item, mine):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mine.user, backend="django.contrib.auth.backends.ModelBackend")
    for place in ("", "skip/"):
        assert client.post(f"/review/items/{item.pk}/{place}", {"do": "judge"}).status_code == 403


def test_what_one_handed_in_nobody_else_sees(client_of, item, mine):
    factories.judge(mine, item)
    other = factories.make_role(factories.ANNOTATOR)
    factories.make_reviewer_of(other)
    assert client_of(mine.user).get(f"/review/items/{item.pk}/").status_code == 200
    assert client_of(other).get(f"/review/items/{item.pk}/").status_code == 404
    assert client_of(other).post(f"/review/items/{item.pk}/", {"do": "save"}).status_code == 404


def test_pages_name_nobody(client_of, item, mine):
    """Not even to the one whose page it is: an alias stands for the name."""
    client = client_of(mine.user)
    other = factories.make_reviewer("dr-elsewhere")
    factories.make_item(required=2)
    claim_item(user=other.user)
    for path in ("/review/", f"/review/items/{item.pk}/"):
        page = client.get(path).content.decode()
        assert "dr-elsewhere" not in page
        assert other.alias not in page


def test_the_navigation_shows_review_to_those_who_judge(client_of, mine):
    assert b'href="/review/"' in client_of(mine.user).get("/cases/").content
    assert b'href="/review/"' not in client_of(factories.make_role(LEARNER)).get("/cases/").content


def test_the_number_of_queries_stays_the_same(client_of, mine):
    client = client_of(mine.user)

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    def judge_one():
        item = claim_item(user=mine.user).item
        factories.judge(mine, item)

    judge_one()
    for _ in range(2):
        factories.make_item()
    judge_one()
    before = count("/review/")
    for _ in range(6):
        factories.make_item()
    for _ in range(3):
        judge_one()
    assert count("/review/") == before
    long, short = (factories.make_item(factories.make_trajectory(turns), priority=9) for turns in (5, 2))
    pages = []
    for _ in (long, short):
        item = claim_item(user=mine.user).item
        pages.append(count(f"/review/items/{item.pk}/"))
        factories.judge(mine, item)
    assert pages[0] == pages[1]
