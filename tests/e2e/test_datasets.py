"""Datasets in a browser: rung when a build ends, asked for by keyboard, under axe in every size, no scripts."""

import pytest
from playwright.sync_api import expect

from datasets.models import DistillationRun, Export
from datasets.services import building, exports
from datasets.services.run_import import import_run
from datasets.services.versions import create_dataset, create_version
from tests.datasets.directories import write_directory
from tests.e2e.test_accessibility import SIZES, check
from tests.e2e.test_data import manager as manager
from tests.e2e.test_keyboard import tab_to


@pytest.fixture
def ask(manager, settings, stack, tmp_path):
    """``ask(seed)``: a version that waits, of a dataset of twelve cases."""
    settings.MEDIA_ROOT = stack.files
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    write_directory(tmp_path / "run", 12)
    run = DistillationRun.objects.get(pk=import_run(path=tmp_path / "run", name="Twelve cases").run.pk)
    dataset = create_dataset(owner=manager, name="Teaching cases", description="Two kept branches a case.")

    def create(seed: int):
        recipe = {"splits": {"train": 0.6, "validation": 0.2, "test": 0.2}, "seed": seed}
        return create_version(owner=manager, dataset=dataset, selections=run.selections.all(), recipe=recipe)

    return create


def build(version) -> None:
    assert building.build_version(building.claim_version(version_id=str(version.pk), worker="e2e"), lambda: None)
    version.refresh_from_db()


def write(export) -> None:
    assert exports.write_export(exports.claim_export(export_id=str(export.pk), worker="e2e"), lambda: None)


def test_a_build_and_an_export_are_rung(visitor, manager, ask):
    version = ask(1)
    page = visitor.open(f"/data/versions/{version.pk}/", manager)
    expect(page.locator("#version-state")).to_contain_text("Waiting for a worker")
    page.wait_for_timeout(1500)
    build(version)
    expect(page.locator("#version-state")).to_contain_text("Frozen")
    tab_to(page, "#export-sft", most=80)
    page.keyboard.press("Enter")
    expect(page.locator("#version-state .row", has_text="sft").first).to_contain_text("Waiting for a worker")
    page.wait_for_timeout(1500)
    write(Export.objects.get())
    with page.expect_download() as started:
        page.get_by_role("link", name="Download sft", exact=True).click()
    assert started.value.suggested_filename == "teaching-cases-v1-sft.zip"


def test_a_version_without_scripts(visitor, manager, ask):
    version = ask(1)
    page = visitor.open("/data/datasets/teaching-cases/versions/new/", manager, java_script_enabled=False)
    page.get_by_label("Twelve cases").check()
    page.get_by_label("Training").fill("50")
    page.get_by_role("button", name="Build the version").click()
    expect(page.get_by_role("alert")).to_contain_text("must sum to 1")
    visitor.complaints.clear()  # The browser tells of every 422.
    page.get_by_label("Training").fill("90")
    page.get_by_role("button", name="Build the version").click()
    expect(page.get_by_role("heading", name="Teaching cases v2")).to_be_visible()
    build(version)


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_datasets(visitor, manager, ask, size):
    first, second = ask(1), ask(2)
    build(first)
    build(second)
    write(exports.create_export(owner=manager, version=second, format="sft")[0])
    page = visitor.open("/data/datasets/", manager, viewport=SIZES[size])
    base = page.url.split("/data/")[0]
    paths = (
        "/data/datasets/",
        "/data/datasets/new/",
        "/data/datasets/teaching-cases/",
        "/data/datasets/teaching-cases/versions/new/",
        f"/data/versions/{second.pk}/",
    )
    for path in paths:
        page.goto(base + path)
        for summary in page.locator("details > summary").all():
            if summary.is_visible():
                summary.click()
        check(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], path
