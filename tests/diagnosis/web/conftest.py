"""Signed-in clients, and the fragment form of a request."""

from uuid import uuid4

import pytest
from django.test import Client

from tests.diagnosis import factories

HTMX = {"HX-Request": "true"}


@pytest.fixture
def client_of():
    """``client_of(user)``: a client signed in as that user, with CSRF checks on."""

    def make(user) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def mine(client_of, owner):
    return client_of(owner)


@pytest.fixture
def other(client_of, db):
    return client_of(factories.make_user("other"))


@pytest.fixture
def staff(client_of, django_user_model):
    return client_of(django_user_model.objects.create_superuser("chief", password="correct horse"))


@pytest.fixture
def key():
    return str(uuid4())
