"""Model releases in a browser: asked by a real worker, switched by keyboard and without scripts, under axe."""

import pytest
from playwright.sync_api import expect

from diagnosis.models import ModelRelease
from diagnosis.services import register_configured
from tests.e2e.test_accessibility import SIZES, check
from tests.e2e.test_data import manager as manager
from tests.e2e.test_keyboard import tab_to


@pytest.fixture
def release(stack):
    register_configured()
    return ModelRelease.objects.get(key="openai:fake")


def test_a_worker_asks_it_and_the_page_shows_what_it_found(visitor, manager, release):
    page = visitor.open(f"/data/models/{release.pk}/", manager)
    page.get_by_role("button", name="Ask it now").click()
    expect(page.locator("#model-state")).to_contain_text("The model server offers fake.")


def test_switched_off_and_on(visitor, manager, release, case):
    page = visitor.open("/data/models/", manager, java_script_enabled=False)
    page.get_by_role("link", name=release.label, exact=True).click()
    page.get_by_text("Switch off …").click()
    page.get_by_label("Reason").fill("It repeats itself")
    page.get_by_role("button", name="Switch this model off").click()
    expect(page.locator("#model-state")).to_contain_text("Switched off by dr-data")
    reader = visitor.open(f"/cases/{case.slug}/", manager)
    expect(reader.get_by_text("It repeats itself.")).to_be_visible()
    expect(reader.locator('input[value="openai:fake"]')).to_have_count(0)
    with_scripts = visitor.open(f"/data/models/{release.pk}/", manager)
    tab_to(with_scripts, "summary", most=40)
    tab_to(with_scripts, ".confirm summary", most=40)
    with_scripts.keyboard.press("Enter")
    with_scripts.get_by_label("Reason").fill("Mended")
    with_scripts.keyboard.press("Enter")
    expect(with_scripts.locator("#model-state")).not_to_contain_text("Switched off")
    expect(with_scripts.get_by_text("Enabled again")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_models(visitor, manager, release, size):
    page = visitor.open("/data/models/", manager, viewport=SIZES[size])
    check(page, "list")
    page.get_by_role("link", name=release.label, exact=True).click()
    page.locator(".confirm summary").click()
    check(page, "one model")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
