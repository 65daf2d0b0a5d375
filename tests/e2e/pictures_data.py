"""Pictures of the pages of data, kept as ``pictures`` keeps the others."""

import pytest

from tests.e2e.pictures import FOLDER, LOOKS
from tests.e2e.test_data import manager as manager
from tests.e2e.test_data import run as run
from tests.e2e.test_data import tree_of


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_data(visitor, manager, run, stack, look):
    FOLDER.mkdir(exist_ok=True)
    page = visitor.open("/data/runs/", manager, **LOOKS[look])
    base = f"/data/runs/{run.pk}/"
    places = {
        "data-runs": "/data/runs/",
        "data-run-new": "/data/runs/new/",
        "data-run": base,
        "data-prune": f"{base}prune/?dtc=0.97",
        "data-tree": f"{tree_of(run)}?node=6",
        "data-imports": "/data/imports/",
        "data-import-new": "/data/imports/new/",
    }
    for name, path in places.items():
        page.goto(stack.url + path)
        page.screenshot(path=FOLDER / f"{name}-{look}.png", full_page=True)
