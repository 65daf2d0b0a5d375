"""Pictures of the pages of pairs, kept as ``pictures`` keeps the others."""

import pytest

from tests.datasets.factories import DATA_MANAGER
from tests.e2e.pictures import FOLDER, LOOKS
from tests.e2e.test_pairs import annotator as annotator
from tests.e2e.test_pairs import made as made
from tests.e2e.test_pairs import take_next
from tests.review import factories, pairs
from tests.review.test_ranking import vote


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


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_what_is_preferred(visitor, stack, look):
    vote("assisted", {"win": 0.5, "tie": 0.2, "bad": 0.1, "loss": 0.2}, policies=("assisted", "kg"), count=8)
    vote("kg", {"win": 0.5, "tie": 0.2, "bad": 0.1, "loss": 0.2}, policies=("kg", "anchored"), count=8, seed=2)
    page = visitor.open("/review/pairs/ranking/", factories.make_role(DATA_MANAGER), **LOOKS[look])
    page.screenshot(path=FOLDER / f"pairs-preferences-{look}.png", full_page=True)
