"""The content security policy: strict on every page, one notch looser in the administration and nowhere else."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def directives(response) -> dict[str, list[str]]:
    header = response.headers["Content-Security-Policy"]
    return {words[0]: words[1:] for words in (part.split() for part in header.split(";")) if words}


@pytest.mark.parametrize("path", ["/accounts/login/", "/cases/", "/sessions/", "/nowhere/", "/administrator/"])
def test_pages_run_only_our_own_scripts(mine, case, path):
    policy = directives(mine.get(path))
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert "unsafe" not in str(policy)


def test_the_walkthrough_too(mine, session):
    assert directives(mine.get(f"/sessions/{session.pk}/"))["script-src"] == ["'self'"]


def test_only_the_administration_may_evaluate(staff):
    policy = directives(staff.get("/admin/"))
    assert policy["script-src"] == ["'self'", "'unsafe-eval'"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]


def test_a_path_that_only_mentions_the_administration_is_strict():
    assert directives(Client().get("/cases/?next=/admin/"))["script-src"] == ["'self'"]
