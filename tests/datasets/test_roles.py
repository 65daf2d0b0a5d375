"""The roles that the site comes with."""

import pytest
from django.contrib.auth.models import Group

pytestmark = pytest.mark.django_db


def codes(role: str) -> set[str]:
    found = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{code}" for app, code in found}


def test_an_auditor_reads_everything_and_changes_nothing():
    may = codes("auditor")
    assert {"datasets.view_distillationrun", "datasets.view_export", "diagnosis.view_case"} <= may
    assert [code for code in may if not code.split(".")[1].startswith(("view_", "read_", "see_"))] == []


def test_a_data_manager_does_what_an_auditor_sees():
    extra = codes("data manager") - codes("auditor")
    assert {"datasets.add_distillationrun", "datasets.add_caseimport", "datasets.add_export"} <= extra
    assert not any(".delete_" in code for code in extra)
    assert not any(code.endswith(("_score", "_verdict")) for code in extra)


def test_a_learner_needs_no_permission():
    assert codes("learner") == set()
