"""Lists of the administration: they open, find, filter, and cost the same with ten rows and with a thousand."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.models import CaseCheck, CaseImport, Dataset, DatasetVersion, Export, RunCase, Selection, Verdict
from tests.datasets import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def objects(run, manager, cases):
    dataset = Dataset.objects.create(slug="teaching", name="Teaching", owner=manager)
    version = DatasetVersion.objects.create(dataset=dataset, number=1, owner=manager)
    bench = factories.make_bench_run(factories.make_benchmark(cases, manager), manager)
    upload = {"filename": "cases.jsonl", "size_bytes": 3, "sha256": "a" * 64, "file": "imports/x"}
    return {
        "distillationrun": run,
        "runcase": RunCase.objects.first(),
        "selection": Selection.objects.first(),
        "verdict": Verdict.objects.first(),
        "dataset": dataset,
        "datasetversion": version,
        "export": Export.objects.create(version=version, format="sft", owner=manager),
        "benchmark": bench.benchmark,
        "benchmarkrun": bench,
        "benchmarkresult": bench.results.first(),
        "caseimport": CaseImport.objects.create(owner=manager, **upload),
    }


KEPT = ["distillationrun", "runcase", "selection", "verdict", "datasetversion", "export", "caseimport"]
KEPT += ["benchmark", "benchmarkrun", "benchmarkresult"]


@pytest.mark.parametrize("model", [*KEPT, "dataset"])
def test_lists_search_and_detail_pages_open(chief, objects, model):
    assert chief.get(f"/admin/datasets/{model}/", {"q": "a"}).status_code == 200
    assert chief.get(f"/admin/datasets/{model}/{objects[model].pk}/change/").status_code == 200


@pytest.mark.parametrize("model", KEPT)
def test_nothing_is_added_changed_or_deleted(chief, objects, model):
    pk = objects[model].pk
    assert chief.post(f"/admin/datasets/{model}/add/").status_code == 403
    assert chief.post(f"/admin/datasets/{model}/{pk}/change/", {"state": "FAILED"}).status_code == 403
    assert chief.post(f"/admin/datasets/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_dataset_with_versions_is_not_deleted(chief, objects):
    assert chief.post(f"/admin/datasets/dataset/{objects['dataset'].pk}/delete/", {"post": "yes"}).status_code == 403
    chief.post("/admin/datasets/dataset/add/", {"name": "New", "slug": "new", "description": "", **inline("versions")})
    assert Dataset.objects.get(slug="new").owner.username == "chief"


def inline(prefix: str) -> dict[str, str]:
    return {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}


def test_cases_show_badges_and_licences(chief, cases):
    issue = {
        "code": "FEW_ITEMS",
        "severity": "error",
        "badge": "Too little to find out",
        "message": "One.",
        "where": "",
    }
    CaseCheck.objects.create(case=cases[0], graph_hash="g" * 64, sound=False, issues=[issue])
    listed = chief.get("/admin/diagnosis/case/")
    assert b"Too little to find out" in listed.content
    assert cases[0].licence.encode() in listed.content
    for badge, found in (("FEW_ITEMS", 1), ("faulty", 1), ("sound", 0), ("unchecked", 2)):
        page = chief.get("/admin/diagnosis/case/", {"badge": badge})
        assert page.context["cl"].result_count == found, badge
    assert b"One." in chief.get(f"/admin/diagnosis/case/{cases[0].pk}/change/").content


def test_the_sidebar_shows_what_may_be_opened(client_of, chief):
    everything = chief.get("/admin/").content
    assert b"Knowledge graph" in everything
    assert b"/admin/auth/user/" in everything
    auditor = factories.make_role(factories.AUDITOR, is_staff=True)
    page = client_of(auditor).get("/admin/").content
    assert b"/admin/datasets/distillationrun/" in page
    assert b"/admin/auth/user/" not in page


def test_the_graph_tells_its_sources(client_of, chief, settings):
    page = chief.get("/admin/datasets/distillationrun/graph/")
    assert page.status_code == 200
    learner = factories.make_role(factories.LEARNER, is_staff=True)
    assert client_of(learner).get("/admin/datasets/distillationrun/graph/").status_code == 403


LISTS = ["datasets/distillationrun", "datasets/runcase", "datasets/selection", "datasets/verdict", "diagnosis/case"]


def test_lists_cost_the_same_with_a_thousand_rows(chief, manager):
    def count(path: str) -> int:
        chief.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert chief.get(path).status_code == 200
        return len(queries)

    for _ in range(10):
        factories.make_run(factories.make_cases(1), manager)
    factories.make_grown_run(factories.make_cases(10), manager)
    before = {path: count(f"/admin/{path}/") for path in LISTS}
    factories.make_grown_run(factories.make_cases(1000), manager)
    for _ in range(30):
        factories.make_run(factories.make_cases(1), manager)
    assert {path: count(f"/admin/{path}/") for path in LISTS} == before
