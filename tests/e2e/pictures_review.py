"""Pictures of the pages of review, kept as ``pictures`` keeps the others."""

import pytest

from review.services.claiming import claim_item
from tests.e2e.pictures import FOLDER, LOOKS
from tests.e2e.test_review import annotator as annotator
from tests.e2e.test_review import take_next
from tests.review import factories


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_review(visitor, annotator, stack, look):
    FOLDER.mkdir(exist_ok=True)
    items = [factories.make_item(factories.make_trajectory(4)) for _ in range(2)]
    done = claim_item(user=annotator.user).item
    factories.judge(annotator, done, -1)
    page = visitor.open("/review/", annotator.user, **LOOKS[look])

    def keep(name: str) -> None:
        page.screenshot(path=FOLDER / f"review-{name}-{look}.png", full_page=True, caret="initial")

    keep("queue")
    page.goto(f"{stack.url}/review/items/{done.pk}/")
    keep("handed-in")
    page.goto(f"{stack.url}/review/")
    take_next(page)
    keep("turn")
    page.locator("[data-label][value='-1']").check(force=True)
    page.get_by_role("button", name="Next turn").click()
    page.locator("[data-problems]").wait_for()
    keep("missing")
    factories.judge_rest(annotator, next(item for item in items if item != done))
    page.reload()
    page.locator("details.second").first.click()
    keep("second")
    page.get_by_role("button", name="Skip it").click()
    page.wait_for_url("**/skip/")
    keep("skip")
    visitor.complaints = [each for each in visitor.complaints if "422" not in each]
