"""Fixtures of the whole suite. PostgreSQL and Valkey are started by ``tests.services``."""

import pytest
from django.conf import settings as site

from medaction.knowledge import open_graph
from tests.fake_upstream import running
from tests.stack import tidy
from tests.stack.client import Browser
from tests.stack.processes import Stack, running_stack


@pytest.fixture(scope="session")
def graph():
    """The compiled graph, built first where it is not there yet."""
    return open_graph(site.GRAPH_CACHE)


@pytest.fixture(scope="session")
def stack_processes(django_db_setup, django_db_blocker, tmp_path_factory):
    """The processes, started once for the session."""
    folder = tmp_path_factory.mktemp("stack")
    with django_db_blocker.unblock(), running() as upstream, running_stack(folder, upstream) as stack:
        yield stack


@pytest.fixture
def stack(stack_processes, transactional_db, settings) -> Stack:
    """The running stack: all parts alive, the upstream well-behaved, the database empty before and after."""
    settings.MODEL_URL = stack_processes.upstream.url
    settings.MODEL_NAME = "fake"
    settings.SCRIPTED_MODELS = ["walk", "walk@0", "walk@400", "garbage@0", "half@0"]
    tidy.reset_upstream(stack_processes.upstream)
    stack_processes.ensure_running()
    yield stack_processes
    stack_processes.ensure_running()
    tidy.end_everything()


@pytest.fixture
def browse(stack):
    """``browse(user)``: a browser signed in as that user."""
    browsers: list[Browser] = []

    def open_browser(user) -> Browser:
        browsers.append(Browser(stack.url, user))
        return browsers[-1]

    yield open_browser
    for browser in browsers:
        browser.close()
