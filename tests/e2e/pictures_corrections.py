"""Pictures of correcting a turn, kept as ``pictures`` keeps the others."""

import pytest
from playwright.sync_api import expect

from tests.e2e.pictures import FOLDER, LOOKS
from tests.e2e.test_correct import WORKER_MS
from tests.e2e.test_correct import judged as judged
from tests.e2e.test_review import annotator as annotator


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_corrections(visitor, annotator, judged, stack, look):
    FOLDER.mkdir(exist_ok=True)
    page = visitor.open(f"/review/items/{judged.pk}/", annotator.user, **LOOKS[look])

    def keep(name: str) -> None:
        page.screenshot(path=FOLDER / f"correction-{name}-{look}.png", full_page=True, caret="initial")

    page.locator("details.second").first.click()
    page.locator("details.second [data-correct]").first.click()
    page.wait_for_url("**/review/corrections/*/", wait_until="load")
    page.locator("[name=name_1]").fill("Myasthenia gravis")
    page.get_by_label("Reasoning", exact=True).fill("Reasoning of a turn that looks for fatigable weakness.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state("load")
    keep("editor")
    page.get_by_role("button", name="Re-run from here").click()
    page.locator("[data-problems]").wait_for()
    keep("missing")
    page.get_by_label("Why you correct it").fill("It was never considered.")
    page.get_by_role("button", name="Re-run from here").click()
    expect(page.locator("[data-rerun-state]")).to_contain_text("Diagnosis given", timeout=WORKER_MS)
    keep("rerun")
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]
