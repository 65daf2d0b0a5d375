"""A version of what reviewers said, asked for in a browser without scripts; its pages under axe in every size."""

import pytest
from playwright.sync_api import expect

from datasets.models import DatasetVersion
from datasets.services.versions import create_dataset
from tests.datasets.judged import make_compared, make_judged, teaching_case
from tests.e2e.test_accessibility import SIZES, check
from tests.e2e.test_data import manager as manager
from tests.e2e.test_datasets import build
from tests.review import factories

FORM = "/data/datasets/judged/versions/reviewed/"


@pytest.fixture
def judged(manager, settings, stack):
    """Three people on three items and a comparison."""
    settings.MEDIA_ROOT = stack.files
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    settings.REVIEW = {**settings.REVIEW, "GOLD_SHARE": 0.0}
    reviewers = [factories.make_reviewer() for _ in range(3)]
    for place, labels in enumerate(([1, 1, 1], [1, 1, -1], [1, 0, -1])):
        make_judged(reviewers, labels, case=teaching_case(place))
    make_compared(reviewers, ["FIRST", "FIRST", "TIE"])
    create_dataset(owner=manager, name="Judged")


def ask_for_version(page) -> DatasetVersion:
    page.get_by_label("Majority").check()
    page.get_by_label("A trial").check()
    page.get_by_role("button", name="Build the version").click()
    expect(page.get_by_role("heading", name="Judged v1")).to_be_visible()
    version = DatasetVersion.objects.get()
    build(version)
    return version


def test_from_the_form_to_the_version(visitor, manager, judged):
    page = visitor.open("/data/datasets/judged/", manager, java_script_enabled=False)
    page.get_by_role("link", name="New version from review").click()
    page.get_by_label("A trial").check()
    page.get_by_label("Training").fill("50")
    page.get_by_role("button", name="Build the version").click()
    expect(page.get_by_role("alert")).to_contain_text("must sum to 1")
    visitor.complaints.clear()  # The browser tells of every 422.
    page.get_by_label("Training").fill("90")
    version = ask_for_version(page)
    page = visitor.open(FORM, manager)
    base = page.url.split("/data/")[0]
    for path in (FORM, f"/data/versions/{version.pk}/"):
        page.goto(base + path)
        for size in SIZES.values():
            page.set_viewport_size(size)
            check(page, path)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
    expect(page.locator("#version-state")).to_contain_text("nobody judged as an expert")
