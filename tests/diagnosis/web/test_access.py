"""Who may open what: every route of the URLconf, for nobody, for somebody else, and for the owner.

A route that is in no table fails ``test_every_route_is_listed``: list it here and say who may open it.
"""

import re
from uuid import uuid4

import pytest
from django.test import Client

from tests.diagnosis import factories
from tests.diagnosis.web.routes import list_routes

pytestmark = pytest.mark.django_db

SIGN_IN = 302
# route: (method, nobody, somebody else, owner). A stream says 403: an EventSource cannot follow a redirect to a form.
OWN = {
    "": ("get", 302, 302, 302),
    "cases/": ("get", SIGN_IN, 200, 200),
    "cases/<slug:slug>/": ("get", SIGN_IN, 200, 200),
    "cases/<slug:slug>/watch/": ("post", SIGN_IN, 302, 302),
    "cases/<slug:slug>/drive/": ("post", SIGN_IN, 302, 302),
    "sessions/": ("get", SIGN_IN, 200, 200),
    "sessions/<uuid:session_id>/": ("get", SIGN_IN, 404, 200),
    "sessions/<uuid:session_id>/turns/": ("post", SIGN_IN, 404, 409),
    "sessions/<uuid:session_id>/update/": ("get", SIGN_IN, 404, 302),
    "sessions/<uuid:session_id>/comparison/": ("post", SIGN_IN, 404, 302),
    "sessions/<uuid:session_id>/jobs/": ("post", SIGN_IN, 404, 409),
    "jobs/<uuid:job_id>/": ("get", SIGN_IN, 404, 302),
    "jobs/<uuid:job_id>/stream": ("get", 403, 404, 200),
    "jobs/<uuid:job_id>/cancel": ("post", SIGN_IN, 404, 302),
    "jobs/<uuid:job_id>/retry": ("post", SIGN_IN, 404, 409),
    "terms/tests.json": ("get", 403, 200, 200),  # fetched by a script, which cannot follow to a form
    "terms/diagnoses.json": ("get", 403, 200, 200),
    "healthz": ("get", 200, 200, 200),
    "readyz": ("get", 200, 200, 200),
    "metrics": ("get", 200, 200, 200),  # the proxy does not pass it on: docker/README.md
}
# allauth's own pages: the status for nobody.
ACCOUNT = {
    "accounts/login/": 200,
    "accounts/logout/": 302,
    "accounts/inactive/": 200,
    "accounts/signup/": 200,
    "accounts/reauthenticate/": SIGN_IN,
    "accounts/email/": SIGN_IN,
    "accounts/confirm-email/": 200,
    "accounts/password/change/": SIGN_IN,
    "accounts/password/set/": SIGN_IN,
    "accounts/password/reset/": 200,
    "accounts/login/code/confirm/": SIGN_IN,
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": 200,
    "accounts/password/reset/key/done/": 200,
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": 200,
    "accounts/password/reset/done/": 200,
    "accounts/2fa/": SIGN_IN,
    "accounts/2fa/authenticate/": SIGN_IN,
    "accounts/2fa/reauthenticate/": SIGN_IN,
    "accounts/2fa/totp/activate/": SIGN_IN,
    "accounts/2fa/totp/deactivate/": SIGN_IN,
    "accounts/2fa/recovery-codes/": SIGN_IN,
    "accounts/2fa/recovery-codes/generate/": SIGN_IN,
    "accounts/2fa/recovery-codes/download/": SIGN_IN,
    "accounts/sessions/": SIGN_IN,
}
ADMIN = [route for route in list_routes() if route.startswith("admin/")]


def path_of(route: str, **values: object) -> str:
    """A real address for a route; what is not given gets a value of the right shape."""

    def value(match: re.Match[str]) -> str:
        return str(values.get(match["name"], "1"))

    plain = route.replace("^", "").replace("$", "")
    plain = plain.replace("(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)", "1-set").replace(r"(?P<key>[-:\w]+)", "key")
    plain = re.sub(r"\(\?P<app_label>([a-z]+)[^)]*\)", r"\1", plain).replace("(?P<url>.*)", "nowhere")
    return "/" + re.sub(r"<(?:\w+:)?(?P<name>\w+)>", value, plain)


def test_every_route_is_listed():
    elsewhere = ("data/", "review/")  # tests/datasets/test_access.py, tests/review/test_access.py
    unlisted = [
        route
        for route in list_routes()
        if route not in OWN | ACCOUNT and route not in ADMIN and not route.startswith(elsewhere)
    ]
    assert unlisted == []


@pytest.mark.parametrize("route", OWN)
@pytest.mark.parametrize("who", ["nobody", "other", "mine"])
def test_own_pages(route, who, request, session, case):
    client = Client() if who == "nobody" else request.getfixturevalue(who)
    method, *statuses = OWN[route]
    path = path_of(route, slug=case.slug, session_id=session.pk, job_id=factories.live_job(session).pk)
    data = {"idempotency_key": str(uuid4()), "model_key": "scripted:walk"}
    response = getattr(client, method)(path, data if method == "post" else {})
    assert response.status_code == dict(zip(["nobody", "other", "mine"], statuses, strict=True))[who]
    if who == "nobody" and response.status_code == SIGN_IN and route:
        assert response.url.startswith("/accounts/login/?next=/")


@pytest.mark.parametrize("route", [route for route, entry in OWN.items() if entry[0] == "post"])
def test_changes_need_a_post_and_a_csrf_token(route, owner, session, case):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    path = path_of(route, slug=case.slug, session_id=session.pk, job_id=factories.live_job(session).pk)
    assert client.get(path).status_code == 405
    refused = client.post(path, {"idempotency_key": str(uuid4()), "model_key": "scripted:walk"})
    assert refused.status_code == 403
    assert b"open too long" in refused.content


@pytest.mark.parametrize("route", ACCOUNT)
def test_account_pages_for_nobody(route):
    assert Client().get(path_of(route)).status_code == ACCOUNT[route]


@pytest.mark.parametrize("route", ADMIN)
def test_the_administration_is_for_staff(route, other):
    for client in (Client(), other):
        response = client.get(path_of(route))
        assert response.status_code in {302, 403, 404}
        if response.status_code == 302:
            assert "/login/" in response.url or route == "admin/logout/"


def test_a_fragment_asked_for_after_signing_out_moves_the_whole_page(session):
    response = Client().get(
        f"/jobs/{factories.live_job(session).pk}/",
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver/sessions/{session.pk}/"},
    )
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == f"/accounts/login/?next=/sessions/{session.pk}/"
    assert response.content == b""


def test_nobody_signs_up():
    response = Client().post("/accounts/signup/", {"username": "x", "password1": "q8!kdkdkd", "password2": "q8!kdkdkd"})
    assert b"Accounts are made by an administrator" in response.content


@pytest.mark.parametrize("path", ["/cases/", "/sessions/"])
def test_pages_stay_out_of_every_cache(mine, case, path):
    assert "no-store" in mine.get(path).headers["Cache-Control"]
