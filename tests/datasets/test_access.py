"""Who may open which page of data: nobody, a learner, an auditor, a data manager. A new route must be listed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datasets.services.intake import upload_cases
from datasets.services.merging import merge_edge
from diagnosis.services import ReleaseFacts, register_release
from review.models import CaseTicket
from tests.datasets import factories
from tests.datasets.bench_runs import make_done_run
from tests.datasets.factories import DATA_MANAGER
from tests.datasets.scored import hanging_edge
from tests.diagnosis.web.routes import list_routes
from tests.diagnosis.web.test_access import path_of
from tests.review.edges import make_proposal

pytestmark = pytest.mark.django_db
SIGN_IN = 302
# route: (method, auditor, data manager). Nobody is sent to the sign-in; for a learner there is no such page (404).
ROUTES = {
    "data/": ("get", 302, 302),
    "data/runs/": ("get", 200, 200),
    "data/runs/new/": ("get", 403, 200),
    "data/runs/<uuid:run_id>/": ("get", 200, 200),
    "data/runs/<uuid:run_id>/pause": ("post", 403, 409),
    "data/runs/<uuid:run_id>/resume": ("post", 403, 409),
    "data/runs/<uuid:run_id>/cancel": ("post", 403, 409),
    "data/runs/<uuid:run_id>/prune/": ("get", 200, 200),
    "data/runs/<uuid:run_id>/selections/": ("post", 403, 422),
    "data/runs/<uuid:run_id>/pairs": ("post", 403, 302),
    "data/trees/<uuid:trajectory_id>/": ("get", 200, 200),
    "data/trees/<uuid:trajectory_id>/pairs": ("post", 403, 302),
    "data/datasets/": ("get", 200, 200),
    "data/datasets/new/": ("get", 403, 200),
    "data/datasets/<slug:slug>/": ("get", 200, 200),
    "data/datasets/<slug:slug>/versions/new/": ("get", 403, 200),
    "data/datasets/<slug:slug>/versions/reviewed/": ("get", 403, 200),
    "data/versions/<uuid:version_id>/exports": ("post", 403, 409),
    "data/versions/": ("get", 200, 200),
    "data/versions/<uuid:version_id>/": ("get", 200, 200),
    "data/exports/<uuid:export_id>/": ("get", 200, 200),
    "data/models/": ("get", 200, 200),
    "data/models/<uuid:release_id>/": ("get", 200, 200),
    "data/models/<uuid:release_id>/disable": ("post", 403, 422),
    "data/models/<uuid:release_id>/enable": ("post", 403, 422),
    "data/models/<uuid:release_id>/check": ("post", 403, 302),
    "data/benchmarks/": ("get", 200, 200),
    "data/benchmarks/new/": ("get", 403, 200),
    "data/benchmarks/<slug:key>/": ("get", 200, 200),
    "data/benchmarks/<slug:key>/humans": ("post", 403, 302),
    "data/benchmarks/<slug:key>/compare/": ("get", 422, 422),
    "data/benchmarks/<slug:key>/pairs": ("post", 403, 302),
    "data/benchmarks/<slug:key>/cases/": ("get", 200, 200),
    "data/benchmarks/<slug:key>/runs/new/": ("get", 403, 200),
    "data/benchmark-runs/<uuid:bench_id>/": ("get", 200, 200),
    "data/benchmark-runs/<uuid:bench_id>/pause": ("post", 403, 409),
    "data/benchmark-runs/<uuid:bench_id>/resume": ("post", 403, 409),
    "data/benchmark-runs/<uuid:bench_id>/cancel": ("post", 403, 409),
    "data/benchmark-runs/<uuid:bench_id>/review": ("post", 403, 302),
    "data/benchmark-runs/<uuid:bench_id>/report.json": ("get", 200, 200),
    "data/benchmark-runs/<uuid:bench_id>/report.html": ("get", 200, 200),
    "data/benchmark-results/<uuid:path_id>/": ("get", 200, 200),
    "data/judges/": ("get", 200, 200),
    "data/tickets/": ("get", 200, 200),
    "data/tickets/<uuid:ticket_id>/resolve": ("post", 403, 422),
    "data/graph/": ("get", 200, 200),
    "data/graph/overlay.yaml": ("get", 200, 200),
    "data/graph/overlay.patch": ("get", 200, 200),
    "data/graph/proposals/<uuid:proposal_id>/merge": ("post", 403, 302),
    "data/graph/proposals/<uuid:proposal_id>/decline": ("post", 403, 422),
    "data/graph/updates/<uuid:update_id>/": ("get", 200, 200),
    "data/graph/updates/<uuid:update_id>/cancel": ("post", 403, 302),
    "data/graph/updates/<uuid:update_id>/resume": ("post", 403, 302),
    "data/imports/": ("get", 200, 200),
    "data/imports/new/": ("get", 403, 200),
    "data/imports/<uuid:import_id>/": ("get", 200, 200),
    "data/imports/<uuid:import_id>/confirm": ("post", 403, 409),
}
REDIRECTS = {"data/"}


@pytest.fixture
def ids(manager, run, cases, graph, files_folder, nowhere):
    upload = upload_cases(owner=manager, file=SimpleUploadedFile("cases.jsonl", b"{}\n"))
    export = factories.make_export(run, b"{}\n")
    release = register_release(facts=ReleaseFacts("scripted:walk", "Walk", "SCRIPTED", "walk"))
    bench = make_done_run(factories.make_benchmark(cases, manager), manager)
    update = merge_edge(
        proposal=make_proposal(hanging_edge(graph.hash), "REFUTE"), by=factories.make_role(DATA_MANAGER), graph=graph
    )
    return {
        "ticket_id": CaseTicket.objects.create(case=cases[0], part="missing_information", words="Too little").pk,
        "proposal_id": make_proposal(hanging_edge(graph.hash), "CONFIRM").pk,
        "update_id": update.pk,
        "release_id": release.pk,
        "key": bench.benchmark.key,
        "bench_id": bench.pk,
        "path_id": bench.results.first().trajectory_id,
        "import_id": upload.pk,
        "version_id": export.version_id,
        "export_id": export.pk,
        "slug": export.version.dataset.slug,
        "run_id": run.pk,
        "trajectory_id": run.cases.first().trajectory_id,
    }


def test_every_route_is_listed():
    assert {route for route in list_routes() if route.startswith("data/")} == set(ROUTES)


@pytest.mark.parametrize("who", ["nobody", "learner", "auditor", "manager"])
def test_pages(client_of, ids, manager, who):
    """All routes over one set of objects: a finished benchmark run takes longer to make than all pages to open."""
    role = {"learner": factories.LEARNER, "auditor": factories.AUDITOR}.get(who)
    client = Client() if who == "nobody" else client_of(factories.make_role(role) if role else manager)
    expected, found = {}, {}
    for route, (method, auditor, data_manager) in ROUTES.items():
        allowed = {"nobody": SIGN_IN, "learner": 404, "auditor": auditor, "manager": data_manager}[who]
        expected[route] = 302 if route in REDIRECTS else allowed
        response = getattr(client, method)(path_of(route, **ids))
        found[route] = response.status_code
        if who == "nobody" and route not in REDIRECTS:
            assert response.url.startswith("/accounts/login/?next=/data/"), route
    assert found == expected


def test_changes_need_a_post_and_a_csrf_token(ids, manager):
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    for route in [route for route, entry in ROUTES.items() if entry[0] == "post"]:
        path = path_of(route, **ids)
        assert (client.get(path).status_code, client.post(path).status_code) == (405, 403), route


def test_the_navigation_shows_data_to_those_who_may_look(client_of, manager):
    assert b'href="/data/"' in client_of(manager).get("/cases/").content
    assert b'href="/data/"' in client_of(factories.make_role(factories.AUDITOR)).get("/cases/").content
    assert b'href="/data/"' not in client_of(factories.make_role(factories.LEARNER)).get("/cases/").content
