"""The pages of imports, without a script and as fragments."""

from dataclasses import replace

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.models import CaseImport
from datasets.services import intake
from medaction.formats.teaching import load_teaching_cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(client_of, manager, files_folder, nowhere):
    return client_of(manager)


@pytest.fixture
def content():
    return b"".join(orjson.dumps(case.to_dict()) + b"\n" for case in load_teaching_cases()[:2])


def work(graph) -> None:
    claimed = intake.claim_import(import_id=CaseImport.objects.get().pk, worker="test")
    intake.take_cases(upload=claimed, graph=graph, go_on=lambda: None)


def test_from_the_upload_to_the_cases(mine, content, graph):
    sent = mine.post("/data/imports/new/", {"file": SimpleUploadedFile("two.jsonl", content), "format": "auto"})
    assert sent.status_code == 302
    assert b"Waiting for a worker" in mine.get(sent.url).content
    work(graph)
    checked = mine.get(sent.url).content
    assert b"Import 2 cases" in checked
    assert mine.post(f"{sent.url}confirm").url == sent.url
    work(graph)
    assert b"Imported" in mine.get(sent.url).content
    fragment = mine.get(sent.url, headers={"HX-Request": "true"}).content
    assert fragment.strip().startswith(b'<div id="import-state"')
    assert b"two.jsonl" in mine.get("/data/imports/").content


def test_faults_are_told_row_by_row(mine, content, graph):
    upload = SimpleUploadedFile("bad.jsonl", content + b'{"id": "<script>"}\n')
    page = mine.post("/data/imports/new/", {"file": upload, "format": "auto"}).url
    work(graph)
    shown = mine.get(page).content
    assert b"Nothing can be imported" in shown
    assert b"confirm" not in shown
    assert b"<script>alert" not in shown
    assert mine.post(f"{page}confirm").status_code == 409


@pytest.mark.parametrize("data", [{}, {"format": "auto"}, {"format": "exe", "file": SimpleUploadedFile("a", b"1")}])
def test_a_form_that_lacks_something_says_what(mine, data):
    answer = mine.post("/data/imports/new/", data)
    assert answer.status_code == 422
    assert b"There is a problem" in answer.content


def test_the_list_costs_the_same_with_many_imports(mine, manager, content):
    def add(count):
        for number in range(count):
            case = replace(load_teaching_cases()[0], id=f"n{number}")
            file = SimpleUploadedFile(f"{number}.jsonl", orjson.dumps(case.to_dict()))
            intake.upload_cases(owner=manager, file=file)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert mine.get("/data/imports/").status_code == 200
        return len(queries)

    add(2)
    count()
    before = count()
    add(20)
    assert count() == before
