"""From a dataset's name to a download, as a data manager does it, without a script."""

from hashlib import sha256

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.models import DatasetVersion, Export
from datasets.tasks import versions as tasks
from tests.datasets import factories
from tests.datasets.test_versions import dataset, here, imported, work  # noqa: F401

pytestmark = pytest.mark.django_db
VALUES = {"train": "60", "validation": "20", "test": "20", "seed": "4"}


@pytest.fixture
def mine(client_of, manager, files_folder, nowhere):
    return client_of(manager)


def text_of(client, path) -> str:
    return client.get(path).content.decode()


def test_from_the_name_to_the_file(mine, imported):  # noqa: F811
    made = mine.post("/data/datasets/new/", {"name": "Teaching", "description": "Twelve cases"})
    assert made.url == "/data/datasets/teaching/"
    assert "Twelve cases" in text_of(mine, made.url)
    form = f"{made.url}versions/new/"
    assert "Twelve: " in text_of(mine, form)
    page = mine.post(form, {**VALUES, "selections": [imported.selections.get().pk]}).url
    assert "Waiting for a worker" in text_of(mine, page)
    version = work(DatasetVersion.objects.get())
    assert [version.recipe["splits"][name] for name in ("train", "validation", "test")] == [0.6, 0.2, 0.2]
    shown = text_of(mine, page)
    assert "Frozen" in shown
    assert version.content_hash in shown
    assert "<th>licence</th>" in shown
    assert mine.post(f"{page}exports", {"format": "sft"}).url == page
    tasks.write_export.run.__wrapped__(str(Export.objects.get().pk))
    export = Export.objects.get()
    assert export.sha256 in text_of(mine, page)
    sent = mine.get(f"/data/exports/{export.pk}/")
    assert sha256(b"".join(sent.streaming_content)).hexdigest() == export.sha256
    assert sent["Content-Disposition"] == 'attachment; filename="teaching-v1-sft.zip"'
    assert "1 frozen version" in text_of(mine, "/data/datasets/")
    fragment = mine.get(page, headers={"HX-Request": "true"}).content
    assert fragment.strip().startswith(b'<div id="version-state"')


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"selections": []}, "Choose at least one selection"),
        ({"train": "50"}, "sum to 0.9"),
        ({"train": "0", "validation": "0", "test": "0"}, "needs a share"),
        ({"train": "lots"}, "Enter a number"),
        ({"benchmark_sources": ["Nowhere"]}, "Nowhere is not one of the available choices"),
    ],
    ids=["nothing", "shares", "no split", "no number", "source"],
)
def test_a_form_that_makes_no_version_says_why(mine, dataset, imported, values, told):  # noqa: F811
    sent = {**VALUES, "selections": [imported.selections.get().pk], **values}
    response = mine.post(f"/data/datasets/{dataset.slug}/versions/new/", sent)
    assert response.status_code == 422
    assert told in response.content.decode()
    assert not DatasetVersion.objects.exists()


def test_a_name_that_is_taken_is_said(mine, dataset):  # noqa: F811
    response = mine.post("/data/datasets/new/", {"name": dataset.name})
    assert response.status_code == 422
    assert b"There is a dataset of this name already" in response.content


def test_what_changed_since_the_version_before(mine, dataset, imported):  # noqa: F811
    form, chosen = f"/data/datasets/{dataset.slug}/versions/new/", [imported.selections.get().pk]
    first = mine.post(form, {**VALUES, "selections": chosen}).url
    work(DatasetVersion.objects.get(number=1))
    again = mine.post(form, {**VALUES, "selections": chosen}).url
    work(DatasetVersion.objects.get(number=2))
    other = mine.post(form, {**VALUES, "seed": "5", "selections": chosen}).url
    work(DatasetVersion.objects.get(number=3))
    assert "Since" not in text_of(mine, first)
    assert "Nothing that decides a version has changed" in text_of(mine, again)
    shown = text_of(mine, other)
    assert "recipe.seed" in shown
    assert "0 added, 0 removed" in shown
    assert "0 in another split" not in shown


def test_an_export_that_cannot_be_written_says_so(mine, run):
    version = factories.make_export(run, b"{}").version
    assert mine.post(f"/data/versions/{version.pk}/exports", {"format": "exe"}).status_code == 409
    waiting = DatasetVersion.objects.create(dataset=version.dataset, number=7)
    assert mine.post(f"/data/versions/{waiting.pk}/exports", {"format": "sft"}).status_code == 409


def test_pages_cost_the_same_with_many(mine, run):
    paths = [
        "/data/datasets/",
        "/data/datasets/teaching/",
        "/data/datasets/teaching/versions/new/",
        f"/data/versions/{factories.make_export(run, b'x').version_id}/",
    ]
    factories.make_export(run, b"x")

    def count(path) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert mine.get(path).status_code == 200
        return len(queries)

    before = [count(path) for path in paths]
    for number in range(12):
        version = factories.make_export(run, b"x").version
        factories.make_selection(run, {"dtc": number / 100})
        type(version.dataset).objects.create(slug=f"other-{number}", name=f"Other {number}")
    for name in ("kto", "dpo", "sharegpt"):
        Export.objects.create(version_id=paths[3].split("/")[3], format=name)
    assert [count(path) for path in paths] == before
