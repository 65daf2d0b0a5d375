"""What the tests of walkthroughs start from."""

import pytest

from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases
from tests.diagnosis import factories


@pytest.fixture
def owner(db):
    return factories.make_user("owner")


@pytest.fixture
def case(db):
    """A shipped teaching case in the database."""
    return factories.make_case()


@pytest.fixture
def scripted(settings):
    settings.MODEL_URL = ""
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    settings.SCRIPTED_MODELS = ["walk", "walk@0", "garbage", "half"]
    return "scripted:walk"


@pytest.fixture
def session(owner, case, scripted):
    return factories.make_session(owner, case, scripted)


@pytest.fixture
def driven(owner, case, scripted):
    """A walkthrough in Drive mode, before its first turn."""
    return factories.make_drive(owner, case)


@pytest.fixture
def teaching_rows():
    return [CaseRow(line, case) for line, case in enumerate(load_teaching_cases(), start=1)]
