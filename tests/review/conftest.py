"""What the tests of review start from."""

import pytest
from django.test import Client

from tests.review import factories


@pytest.fixture
def item(db):
    return factories.make_item()


@pytest.fixture
def reviewer(db):
    return factories.make_reviewer("dr-reads")


@pytest.fixture
def client_of():
    """``client_of(user)``: a client signed in as that user."""

    def make(user) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make
