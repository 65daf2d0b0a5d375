"""Nothing of the truth, and no result that was not ordered, is in any page before the walkthrough has ended."""

import pytest

from diagnosis.models import Case
from tests.diagnosis import factories
from tests.diagnosis.web.conftest import HTMX

pytestmark = pytest.mark.django_db


def secrets_of(case: Case, ordered: set[str]) -> dict[str, str]:
    """What must not be seen, by what it is. Words that the presentation itself uses are no secret."""
    payload = Case.objects.get(pk=case.pk).payload
    truth = payload["diagnosis"]
    secrets = {f"alias {alias}": alias for alias in truth["aliases"]}
    secrets |= {"diagnosis": truth["text"], "notes": payload["hidden_notes"]}
    secrets |= {f"concept {code}": code for code in truth["concept_ids"]}
    secrets |= {f"point {number}": point for number, point in enumerate(payload["teaching_points"])}
    secrets |= {f"result {item['key']}": item["result"] for item in payload["menu"] if item["name"] not in ordered}
    return {what: text for what, text in secrets.items() if text and text.lower() not in case.presentation.lower()}


def pages(client, session) -> dict[str, str]:
    last_job = session.jobs.order_by("-queued_at").first()
    addresses = {
        "cases": ("/cases/", {}),
        "search": ("/cases/?q=pain", HTMX),
        "case": (f"/cases/{session.case.slug}/", {}),
        "mine": ("/sessions/", {}),
        "walkthrough": (f"/sessions/{session.pk}/", {}),
        "fragment": (f"/jobs/{last_job.pk}/", HTMX),
        "everything": (f"/jobs/{last_job.pk}/?from=0", HTMX),
    }
    return {name: client.get(path, headers=headers).content.decode() for name, (path, headers) in addresses.items()}


def test_nothing_is_told_before_the_end(mine, session):
    factories.take_turn(session)
    hidden = secrets_of(session.case, ordered={"Vital signs"})
    assert len(hidden) > 10
    for name, page in pages(mine, session).items():
        told = [what for what, text in hidden.items() if text.lower() in page.lower()]
        assert told == [], name


def test_searching_for_the_diagnosis_finds_nothing(mine, case):
    truth = Case.objects.get(pk=case.pk).payload["diagnosis"]["text"]
    assert truth not in mine.get("/cases/", {"q": truth}, headers=HTMX).content.decode()
    assert case.title not in mine.get("/cases/", {"q": truth}, headers=HTMX).content.decode()


def test_the_truth_is_told_at_the_end(mine, session):
    factories.take_turn(session, factories.DIAGNOSE)
    payload = Case.objects.get(pk=session.case_id).payload
    page = mine.get(f"/sessions/{session.pk}/").content.decode()
    assert payload["diagnosis"]["text"] in page
    assert "Not matched automatically" in page
    assert "Not correct" not in page


def test_the_administration_lists_no_diagnosis(staff, session):
    payload = Case.objects.get(pk=session.case_id).payload
    for model in ("case", "session", "generationjob", "trajectory"):
        page = staff.get(f"/admin/diagnosis/{model}/").content.decode()
        assert payload["diagnosis"]["text"] not in page
    detail = staff.get(f"/admin/diagnosis/case/{session.case_id}/change/").content.decode()
    assert payload["diagnosis"]["text"] in detail
