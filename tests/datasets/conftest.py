"""What the tests of data start from."""

import pytest
from django.test import Client

from tests.datasets import factories


@pytest.fixture
def nowhere(settings):
    """Work is put before no worker: a stack that still runs must not take it."""
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"


@pytest.fixture
def files_folder(settings, tmp_path):
    """Uploads and exports of this test."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def client_of():
    """``client_of(user)``: a client signed in as that user."""

    def make(user) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def manager(db):
    return factories.make_role(factories.DATA_MANAGER, "manager")


@pytest.fixture
def chief(client_of, django_user_model, db):
    """A client of somebody who may do everything in the administration."""
    return client_of(django_user_model.objects.create_superuser("chief", password="correct horse"))


@pytest.fixture
def cases(db):
    return factories.make_cases(3)


@pytest.fixture
def run(manager, cases):
    """A run that is done."""
    return factories.make_grown_run(cases, manager)


@pytest.fixture
def waiting_run(manager, cases):
    return factories.make_run(cases, manager)
