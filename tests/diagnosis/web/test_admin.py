"""The administration reads everything and changes nothing that is kept for good."""

import pytest

from tests.diagnosis import factories

pytestmark = pytest.mark.django_db
MODELS = ["case", "session", "generationjob", "trajectory", "comparison"]


@pytest.fixture
def objects(session, driven):
    factories.take_turn(session)
    factories.drive(driven, factories.DIAGNOSE)
    return {
        "case": session.case,
        "session": session,
        "generationjob": factories.live_job(session),
        "trajectory": session.trajectory,
        "comparison": driven.comparison,
    }


@pytest.mark.parametrize("model", MODELS)
def test_lists_search_and_detail_pages_open(staff, objects, model):
    assert staff.get(f"/admin/diagnosis/{model}/", {"q": "teach"}).status_code == 200
    page = staff.get(f"/admin/diagnosis/{model}/{objects[model].pk}/change/")
    assert page.status_code == 200
    assert b'name="_save"' not in page.content


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_added_changed_or_deleted(staff, objects, model):
    pk = objects[model].pk
    assert staff.post(f"/admin/diagnosis/{model}/add/").status_code == 403
    assert staff.post(f"/admin/diagnosis/{model}/{pk}/change/", {"state": "SUCCEEDED"}).status_code == 403
    assert staff.post(f"/admin/diagnosis/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
    listed = staff.post(
        f"/admin/diagnosis/{model}/", {"action": "delete_selected", "_selected_action": [str(pk)], "post": "yes"}
    )
    assert listed.status_code in {200, 302, 403}
    objects[model].refresh_from_db()


def act(client, action, job):
    return client.post(
        "/admin/diagnosis/generationjob/", {"action": action, "_selected_action": [str(job.pk)]}, follow=True
    )


def test_jobs_are_stopped_and_retried_through_the_services(staff, objects):
    job = objects["generationjob"]
    assert b"Asked 1 job" in act(staff, "cancel", job).content
    job.refresh_from_db()
    assert job.state == "CANCELLED"
    assert b"Queued 1 turn" in act(staff, "retry", job).content
    assert factories.live_job(job.session).turn == job.turn
    assert b"already answering" in act(staff, "retry", job).content


def test_looking_is_not_operating(client_of, django_user_model, objects):
    from django.contrib.auth.models import Permission

    viewer = django_user_model.objects.create_user("viewer", password="correct horse", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_generationjob"))
    client = client_of(viewer)
    assert client.get("/admin/diagnosis/generationjob/").status_code == 200
    act(client, "cancel", objects["generationjob"])
    objects["generationjob"].refresh_from_db()
    assert objects["generationjob"].state == "QUEUED"


def test_people_are_managed_with_the_same_look(staff):
    assert staff.get("/admin/auth/user/").status_code == 200
    assert staff.get("/admin/auth/user/add/").status_code == 200
