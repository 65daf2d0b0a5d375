"""Versions and their exports: seen, downloaded whole with a checksum, and only by those who may."""

import base64
import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.models import Export
from tests.datasets import factories

pytestmark = pytest.mark.django_db
CONTENT = b'{"messages": []}\n' * 70_000


@pytest.fixture
def mine(client_of, manager, files_folder):
    return client_of(manager)


@pytest.fixture
def export(run, files_folder):
    return factories.make_export(run, CONTENT)


def test_a_version_shows_its_manifest_card_and_exports(mine, export):
    page = mine.get(f"/data/versions/{export.version_id}/").content.decode()
    assert "Frozen" in page
    assert "<em>branches</em>" in page
    assert "CC BY 4.0" in page
    assert export.sha256 in page
    assert str(export.version) in mine.get("/data/versions/").content.decode()


def test_a_download_comes_in_pieces_with_its_checksum(mine, export):
    response = mine.get(f"/data/exports/{export.pk}/")
    assert response.streaming
    pieces = list(response.streaming_content)
    assert len(pieces) > 10
    digest = hashlib.sha256(b"".join(pieces)).digest()
    assert response["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert response["Content-Disposition"] == 'attachment; filename="teaching-v1-sft.jsonl"'
    assert response["Content-Type"] == "application/octet-stream"


def test_what_is_not_written_or_was_lost_is_absent(mine, export):
    waiting = Export.objects.create(version=export.version, format="dpo")
    assert mine.get(f"/data/exports/{waiting.pk}/").status_code == 404
    export.file.storage.delete(export.file.name)
    assert mine.get(f"/data/exports/{export.pk}/").status_code == 404


def test_a_hostile_card_is_only_text(mine, run, export):
    version = export.version
    other = type(version).objects.create(
        dataset=version.dataset, number=9, card="<script>alert(1)</script> [x](javascript:y)"
    )
    page = mine.get(f"/data/versions/{other.pk}/").content
    assert b"<script>alert" not in page
    assert b'href="javascript' not in page


def test_the_list_costs_the_same_with_many(mine, run, export):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert mine.get("/data/versions/").status_code == 200
        return len(queries)

    count()
    before = count()
    for _ in range(15):
        factories.make_export(run, b"x")
    assert count() == before
