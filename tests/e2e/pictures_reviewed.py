"""Pictures of versions of what reviewers said, kept as ``pictures`` keeps the others."""

import pytest

from tests.e2e.pictures import FOLDER, LOOKS
from tests.e2e.test_data import manager as manager
from tests.e2e.test_reviewed_versions import FORM, ask_for_version
from tests.e2e.test_reviewed_versions import judged as judged


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_reviewed_versions(visitor, manager, judged, look):
    FOLDER.mkdir(exist_ok=True)
    page = visitor.open(FORM, manager, **LOOKS[look])
    page.screenshot(path=FOLDER / f"data-reviewed-new-{look}.png", full_page=True)
    ask_for_version(page)
    page.reload()
    page.screenshot(path=FOLDER / f"data-reviewed-{look}.png", full_page=True)
