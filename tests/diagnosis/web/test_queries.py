"""The number of queries does not grow with what is shown."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diagnosis.services import import_cases
from tests.diagnosis import factories

pytestmark = pytest.mark.django_db


def count(client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_lists(mine, owner, teaching_rows, scripted):
    import_cases(rows=teaching_rows[:3])
    case = factories.make_case()
    factories.make_session(owner, case, scripted)
    before = {path: count(mine, path) for path in ("/cases/", "/sessions/", f"/cases/{case.slug}/")}
    import_cases(rows=teaching_rows[3:23])
    for _ in range(15):
        factories.make_session(owner, case, scripted)
    assert {path: count(mine, path) for path in before} == before


def test_a_walkthrough(mine, session):
    before = count(mine, f"/sessions/{session.pk}/")
    for _ in range(4):
        factories.take_turn(session)
    assert count(mine, f"/sessions/{session.pk}/") == before
