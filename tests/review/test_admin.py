"""The administration of review."""

import pytest
import yaml

from review.admin.forms import write_yaml
from review.models import AuditEntry, Draft, ReviewItem, Rubric, RubricVersion
from review.services.claiming import claim_item
from review.services.rubrics import ensure_rubric
from tests.review import factories

pytestmark = pytest.mark.django_db
ROOT = "/admin/review/"


@pytest.fixture
def chief(client_of, django_user_model):
    return client_of(django_user_model.objects.create_superuser("chief", password="correct horse"))


@pytest.fixture
def version():
    return ensure_rubric()


def test_every_list_and_page_opens(chief, item, reviewer):
    claim_item(user=reviewer.user)
    factories.judge(reviewer, item)
    for name in ("rubric", "rubricversion", "reviewitem", "reviewer", "annotation", "skip", "auditentry"):
        assert chief.get(f"{ROOT}{name}/").status_code == 200, name
    for page in (
        f"reviewitem/{item.pk}/change/",
        f"annotation/{item.annotations.first().pk}/change/",
        f"reviewer/{reviewer.pk}/change/",
        f"auditentry/{AuditEntry.objects.first().pk}/change/",
        "reviewitem/add/",
        "rubricversion/add/",
    ):
        assert chief.get(ROOT + page).status_code == 200, page


def test_a_rubric_is_written_as_yaml_and_faults_are_said(chief, version):
    page = f"{ROOT}rubricversion/{version.pk}/change/"
    content = yaml.safe_load(write_yaml(version.content))
    content["errors"][0]["key"] = "j"
    wrong = chief.post(page, {"note": "x", "text": yaml.safe_dump(content)})
    assert wrong.status_code == 200
    assert "the page itself uses the keys j" in wrong.content.decode()
    assert "not YAML" in chief.post(page, {"note": "x", "text": "a: [b"}).content.decode()
    content["errors"] = content["errors"][1:]
    assert chief.post(page, {"note": "Fewer.", "text": yaml.safe_dump(content)}).status_code == 302
    version.refresh_from_db()
    assert len(version.read().errors) == 9
    assert version.note == "Fewer."


def test_the_preview_shows_what_reviewers_will_see(chief, version):
    page = chief.get(f"{ROOT}rubricversion/{version.pk}/preview/").content.decode()
    assert "Ungrounded order" in page
    assert "Would you show this work-up to a learner?" in page


def test_a_locked_version_is_copied_into_a_new_one(chief, item, reviewer):
    claim_item(user=reviewer.user)
    version = RubricVersion.objects.get()
    assert version.state == "LOCKED"
    page = f"{ROOT}rubricversion/{version.pk}/"
    shown = chief.get(f"{page}change/")
    assert b'name="text"' not in shown.content
    assert chief.post(f"{page}change/", {"note": "x", "text": "title: x"}).status_code == 403
    made = chief.get(f"{page}copy_version/", follow=True)
    assert b"This is version 2, a draft" in made.content
    copy = RubricVersion.objects.get(number=2)
    assert copy.content == version.content
    assert Rubric.objects.get().current == version
    chief.get(f"{ROOT}rubricversion/{copy.pk}/use_for_new_items/")
    assert Rubric.objects.get().current == copy
    item.refresh_from_db()
    assert item.rubric_version == version


def test_items_are_added_in_bulk_once(chief):
    trajectories = [factories.make_trajectory(2) for _ in range(3)]
    form = {
        "origin": "SYNTHETIC",
        "words": "",
        "most": "2",
        "source": "SYNTHETIC",
        "reason": "A look at everything.",
        "required": "2",
        "priority": "1",
        "by_specialty": "on",
    }
    for count in (2, 3):
        assert chief.post(f"{ROOT}reviewitem/add/", form).status_code == 302
        assert ReviewItem.objects.count() == count
    again = chief.post(f"{ROOT}reviewitem/add/", form)
    assert "No branch of these is new" in again.content.decode()
    item = ReviewItem.objects.first()
    assert (item.required, item.priority, item.specialty) == (2, 1, trajectories[0].case.specialty)


def test_items_are_retired_and_reviewers_qualified_by_hand(chief, item, reviewer):
    claim_item(user=reviewer.user)
    chief.post(f"{ROOT}reviewitem/", {"action": "retire", "_selected_action": [str(item.pk)]})
    item.refresh_from_db()
    assert (item.state, Draft.objects.count()) == ("RETIRED", 1)
    for action, state in (("pause", "PAUSED"), ("qualify", "QUALIFIED")):
        chief.post(f"{ROOT}reviewer/", {"action": action, "_selected_action": [reviewer.pk]})
        reviewer.refresh_from_db()
        assert reviewer.state == state
    assert AuditEntry.objects.filter(verb="qualify_reviewer", by__username="chief").exists()
