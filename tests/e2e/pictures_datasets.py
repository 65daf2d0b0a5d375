"""Pictures of the pages of datasets, kept as ``pictures`` keeps the others."""

import pytest

from datasets.services.exports import create_export
from tests.e2e.pictures import FOLDER, LOOKS
from tests.e2e.test_datasets import ask as ask
from tests.e2e.test_datasets import build, write
from tests.e2e.test_datasets import manager as manager


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_datasets(visitor, manager, ask, stack, look):
    FOLDER.mkdir(exist_ok=True)
    first, second = ask(1), ask(2)
    build(first)
    build(second)
    write(create_export(owner=manager, version=second, format="sft")[0])
    create_export(owner=manager, version=second, format="dpo")
    page = visitor.open("/data/datasets/", manager, **LOOKS[look])
    places = {
        "data-datasets": "/data/datasets/",
        "data-dataset": "/data/datasets/teaching-cases/",
        "data-version-new": "/data/datasets/teaching-cases/versions/new/",
        "data-version": f"/data/versions/{second.pk}/",
    }
    for name, path in places.items():
        page.goto(stack.url + path)
        page.screenshot(path=FOLDER / f"{name}-{look}.png", full_page=True)
