"""In Drive nothing of the truth, of results not ordered, or of the policy's path is in any answer before the end."""

from uuid import uuid4

import pytest
from django.db import connections

from diagnosis.models import Comparison, TrajectoryNode
from diagnosis.tasks.comparing import compare
from tests.diagnosis import factories
from tests.diagnosis.web.conftest import HTMX
from tests.diagnosis.web.test_access import OWN, path_of
from tests.diagnosis.web.test_truth import secrets_of

pytestmark = pytest.mark.django_db

# The same names for every case, the right one among them: they tell nothing about this one.
NAMES = {"terms/tests.json", "terms/diagnoses.json"}


@pytest.fixture
def path_is_known(case, scripted, monkeypatch):
    """Somebody else has ended the same case, so the policy's path through it is stored. Its words."""
    other = factories.make_drive(case=case)
    factories.drive(other, factories.DIAGNOSE)
    monkeypatch.setattr(connections, "close_all", lambda: None)
    comparison = Comparison.objects.get(session=other)
    compare(comparison.pk)
    comparison.refresh_from_db()
    turns = TrajectoryNode.objects.filter(trajectory=comparison.reference, kind="TURN").order_by("seq")
    said = {f"policy's turn {number}": turn.content["turn"]["reasoning"] for number, turn in enumerate(turns)}
    return said | {"policy's name": turns[0].content["model_label"]}


def answers(client, session) -> dict[str, str]:
    """What every address says, asked in both forms, with a good request and with a bad one."""
    job = session.jobs.order_by("-queued_at").first()
    sent = {"idempotency_key": str(uuid4()), "parent_seq": session.leaf_seq, "act": "order"}
    posts = {"bad": {**sent, "orders": ""}, "stale": {**sent, "parent_seq": 0, "orders": "ECG"}}
    said = {}
    for route in OWN.keys() - NAMES - {"jobs/<uuid:job_id>/stream", "metrics"}:
        path = path_of(route, slug=session.case.slug, session_id=session.pk, job_id=job.pk)
        for headers in (HTMX, {}):
            requests = posts if OWN[route][0] == "post" else {"read": {}}
            for name, values in requests.items():
                method = getattr(client, OWN[route][0])
                said[f"{route} {name} {headers}"] = method(path, values, headers=headers).content.decode()
    return said


def test_nothing_is_told_before_the_commit(mine, driven, path_is_known):
    factories.drive(driven)
    hidden = secrets_of(driven.case, ordered={"Vital signs"}) | path_is_known
    assert len(hidden) > 12
    for where, page in answers(mine, driven).items():
        told = [what for what, words in hidden.items() if words.lower() in page.lower()]
        assert told == [], where
    driven.refresh_from_db()
    assert driven.state == "ACTIVE"


def test_a_comparison_cannot_be_asked_for_before_the_commit(mine, driven):
    mine.post(f"/sessions/{driven.pk}/comparison/")
    assert not Comparison.objects.exists()


def test_everything_is_told_after_it(mine, driven, path_is_known):
    factories.drive(driven, factories.DIAGNOSE)
    compare(Comparison.objects.get(session=driven).pk)
    page = mine.get(f"/sessions/{driven.pk}/").content.decode()
    assert path_is_known["policy's name"] in page
    assert factories.make_case().payload["diagnosis"]["text"] in page
