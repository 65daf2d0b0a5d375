"""The pages of model releases: what they show, who switches, and that they cost the same with many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.models import DatasetVersion
from diagnosis.models import ModelRelease, ReleaseEvent
from diagnosis.services import ReleaseFacts, record_health, register_release
from medaction.domain.prompt import prompt_hash
from tests.datasets import factories
from tests.datasets.bench_runs import make_done_run

pytestmark = pytest.mark.django_db
URL = "http://10.1.2.3:8000/v1"


@pytest.fixture(autouse=True)
def addresses(settings, nowhere):
    settings.MODEL_ENDPOINTS = {"lab": URL}


def make(number: int = 0, **values) -> ModelRelease:
    facts = {"label": f"Tuned {number}", "engine": "VLLM", "served_name": "tuned", "base_url": URL, **values}
    return register_release(facts=ReleaseFacts(key=f"lab:{number}", **facts))


@pytest.fixture
def release():
    return make(
        base_hash="a" * 64, prompt_hash=prompt_hash(), card="# Card\n\nNot for *patients*. <script>x()</script>"
    )


@pytest.fixture
def mine(client_of, manager):
    return client_of(manager)


def page(client, release) -> str:
    return client.get(f"/data/models/{release.pk}/").content.decode()


def test_a_release_shows_hashes_health_card_and_history(mine, release):
    shown = page(mine, release)
    assert "a" * 64 in shown
    assert release.content_hash in shown
    assert "The wording that this site asks in." in shown
    assert "<em>patients</em>" in shown
    assert "<script>x()" not in shown
    assert "Not checked yet" in shown
    assert "Registered" in shown
    record_health(release=release, ok=False, message="Nobody <b>there</b>.", at=release.registered_at)
    assert "Nobody &lt;b&gt;there&lt;/b&gt;." in page(mine, release)
    listed = mine.get("/data/models/").content.decode()
    assert "Does not answer" in listed


def test_what_it_was_trained_on_is_a_link_when_that_version_is_here(mine, run, files_folder):
    version = factories.make_export(run, b"x").version
    assert isinstance(version, DatasetVersion)
    here, elsewhere = make(1, trained_on=version.content_hash), make(2, trained_on="f" * 64)
    assert f'href="/data/versions/{version.pk}/"' in page(mine, here)
    assert "/data/versions/" not in page(mine, elsewhere)
    assert "f" * 64 in page(mine, elsewhere)


def test_what_it_was_measured_by_is_shown_with_n_and_interval(mine, manager, cases, release):
    done = make_done_run(factories.make_benchmark(cases, manager), manager, release=release)
    factories.make_bench_run(factories.make_benchmark(cases[:2], manager, "Two cases"), manager, release=release)
    shown = " ".join(page(mine, release).split())
    assert f'href="/data/benchmark-runs/{done.pk}/"' in shown
    report = done.report
    assert f"top 1 {report['top1']:.2f} ({report['top1_ci'][0]:.2f} to {report['top1_ci'][1]:.2f}), n 3" in shown
    assert "waiting for a worker" in shown


def test_other_wording_is_said(mine):
    assert "Not the wording that this site asks in now." in page(mine, make(1, prompt_hash="b" * 64))


def test_the_switch_needs_a_reason_and_keeps_it(mine, manager, release):
    refused = mine.post(f"/data/models/{release.pk}/disable", {"reason": "  "})
    assert refused.status_code == 422
    assert b"Say why" in refused.content
    assert b'<details class="confirm" open' in refused.content
    assert ReleaseEvent.objects.count() == 1
    assert mine.post(f"/data/models/{release.pk}/disable", {"reason": "It <b>repeats</b>"}).status_code == 302
    shown = page(mine, release)
    assert "It &lt;b&gt;repeats&lt;/b&gt;" in shown
    assert "Enable this model again" in shown
    mine.post(f"/data/models/{release.pk}/enable", {"reason": "Mended"})
    release.refresh_from_db()
    assert (release.is_enabled, release.state_by) == (True, manager)
    assert [event.kind for event in release.events.all()] == ["ENABLED", "DISABLED", "REGISTERED"]


def test_an_auditor_sees_no_button(client_of, release):
    shown = page(client_of(factories.make_role(factories.AUDITOR)), release)
    assert "Switch this model off" not in shown
    assert "Ask it now" not in shown


def test_an_empty_list_says_what_to_do(mine):
    assert b"register_release" in mine.get("/data/models/").content


def test_lists_and_pages_cost_the_same_with_many(mine, release):
    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert mine.get(path).status_code == 200
        return len(queries)

    paths = ("/data/models/", f"/data/models/{release.pk}/")
    for path in paths:
        count(path)
    before = {path: count(path) for path in paths}
    for number in range(1, 16):
        make(number)
        mine.post(f"/data/models/{release.pk}/{'disable' if number % 2 else 'enable'}", {"reason": "Again"})
    assert {path: count(path) for path in paths} == before


def test_the_administration_finds_but_does_not_change(chief, release):
    assert chief.get("/admin/diagnosis/modelrelease/", {"q": "tuned"}).context["cl"].result_count == 1
    place = f"/admin/diagnosis/modelrelease/{release.pk}/change/"
    assert chief.get(place).status_code == 200
    assert chief.post(place, {"state": "DISABLED"}).status_code == 403
    assert chief.post("/admin/diagnosis/modelrelease/add/").status_code == 403
