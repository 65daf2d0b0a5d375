"""Pictures of correcting a turn, of hints and remarks, kept as ``pictures`` keeps the others."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from medaction.knowledge import open_graph
from medaction.metrics import BranchScorer
from review.selectors.remarks import get_part
from review.services.claiming import claim_item
from review.services.hinting import read_item
from review.services.remarking import write_remark
from tests.e2e.pictures import FOLDER, LOOKS
from tests.e2e.test_correct import WORKER_MS
from tests.e2e.test_correct import judged as judged
from tests.e2e.test_review import annotator as annotator
from tests.review import factories
from tests.review.corrections import judge_first


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


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_hints_and_remarks(visitor, annotator, stack, look):
    FOLDER.mkdir(exist_ok=True)
    item = factories.make_item(factories.make_trajectory(4))
    read_item(item=item, scorer=BranchScorer(open_graph(settings.GRAPH_CACHE)))
    judge_first(annotator, item)
    page = visitor.open(f"/review/items/{item.pk}/", annotator.user, **LOOKS[look])
    page.screenshot(path=FOLDER / f"review-hint-{look}.png", full_page=True, caret="initial")
    adjudicator = factories.make_role(factories.ADJUDICATOR, "dr-decides")
    for user, text in (
        (annotator.user, "@adjudicators Is the first result to be read as raised?"),
        (adjudicator, f"@{annotator.alias} Yes. The range stands beside it."),
    ):
        write_remark(part=get_part(user=user, item_id=item.pk), text=text)
    page.goto(f"{stack.url}/review/items/{item.pk}/remarks/")
    page.screenshot(path=FOLDER / f"review-remarks-{look}.png", full_page=True, caret="initial")
    page.goto(f"{stack.url}/review/")
    page.screenshot(path=FOLDER / f"review-mentioned-{look}.png", full_page=True, caret="initial")
    claim_item(user=annotator.user)
    factories.judge_rest(annotator, item, -1)
    page.goto(f"{stack.url}/review/items/{item.pk}/")
    page.locator("details.hint").first.click()
    page.screenshot(path=FOLDER / f"review-hint-second-{look}.png", full_page=True, caret="initial")
