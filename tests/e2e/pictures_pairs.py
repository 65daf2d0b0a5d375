"""Pictures of the pages of pairs, kept as ``pictures`` keeps the others."""

import pytest

from tests.e2e.pictures import FOLDER, LOOKS
from tests.e2e.test_pairs import annotator as annotator
from tests.e2e.test_pairs import made as made
from tests.e2e.test_pairs import take_next
from tests.review import pairs


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_pairs(visitor, annotator, made, stack, look):
    FOLDER.mkdir(exist_ok=True)
    pairs.prefer(annotator, "TIE")
    page = visitor.open("/review/pairs/", annotator.user, **LOOKS[look])

    def keep(name: str) -> None:
        page.screenshot(path=FOLDER / f"pairs-{name}-{look}.png", full_page=True, caret="initial")

    keep("list")
    take_next(page)
    keep("rivals")
    page.get_by_text("Say why, before you answer").click()
    keep("why")
    page.goto(f"{stack.url}/review/pairs/{made[0].pk}/")
    page.get_by_role("button", name="Show the truth").click()
    page.get_by_role("heading", name="The truth").wait_for()
    keep("answered")
