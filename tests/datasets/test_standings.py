"""People on the leaderboard: scored by a worker, under pseudonyms, only what counts for this benchmark."""

import json

import pytest
from django.utils import timezone

from datasets.models import HumanStanding
from datasets.selectors.comparing import compare_entrants, list_chosen
from datasets.services import standings, sweeping
from datasets.tasks import benchmarks
from diagnosis.models import Case
from medaction.metrics import METRIC_VERSION
from tests.datasets import factories
from tests.datasets.bench_runs import make_done_run
from tests.diagnosis.factories import DIAGNOSE, drive, make_case, make_drive, make_user

pytestmark = pytest.mark.django_db
score = benchmarks.score_humans.run.__wrapped__


@pytest.fixture(autouse=True)
def quiet(settings, nowhere):
    # No pulse: its connection would not see what this transaction has not committed.
    settings.DATASETS = {**settings.DATASETS, "HEARTBEAT_SECONDS": 3600}


@pytest.fixture
def benchmark(manager):
    """Of the one case that people walk through."""
    make_case()
    return factories.make_benchmark(list(Case.objects.filter(is_current=True)), manager, name="One case")


def test_people_stand_in_the_table_beside_a_run(benchmark, manager, client_of, graph):
    readers = [make_user(), make_user()]
    for reader in readers:
        session = make_drive(owner=reader)
        drive(session)
        drive(session, DIAGNOSE)
    page = client_of(manager)
    address = f"/data/benchmarks/{benchmark.key}/"
    assert page.post(f"{address}humans").url == address
    standing = HumanStanding.objects.get()
    assert b"A worker is scoring" in page.get(address).content
    score(str(standing.pk))
    standing.refresh_from_db()
    assert (standing.state, standing.reader_count, standing.report["n"]) == ("SUCCEEDED", 2, 1)
    assert standing.report["graph"] == graph.hash
    shown = page.get(address).content.decode()
    assert "People, 2 readers" in shown
    # People have more turns than the benchmark gives; the row says so.
    assert "at most 10 turns" in shown
    for reader in readers:
        assert reader.username not in shown + json.dumps(standing.records)
    run = make_done_run(benchmark, manager, graph_hash=graph.hash, metric_version=METRIC_VERSION)
    (people, other, pair), *_ = compare_entrants(list_chosen(benchmark, [str(standing.pk), str(run.pk)]))
    assert (people, other, pair["n"]) == (standing, run, 1)
    page.post(f"{address}humans")
    standing.refresh_from_db()
    assert (standing.state, standing.reader_count) == ("QUEUED", 2)


def test_nobody_is_no_row(benchmark, client_of, manager, graph):
    standing = standings.ask_standing(benchmark=benchmark, owner=manager)
    score(str(standing.pk))
    standing.refresh_from_db()
    assert (standing.state, standing.report, standing.records) == ("SUCCEEDED", {}, [])
    page = client_of(manager).get(f"/data/benchmarks/{benchmark.key}/").content
    assert b"Nobody has finished a walkthrough" in page


def test_a_dead_worker_leaves_it_to_another(benchmark, manager, graph):
    standing = standings.ask_standing(benchmark=benchmark, owner=manager)
    claimed = standings.claim_standing(standing_id=str(standing.pk), worker="dead")
    HumanStanding.objects.update(lease_expires_at=timezone.now() - timezone.timedelta(seconds=1))
    assert sweeping.sweep_runs() == 1
    assert not standings.write_standing(claimed, graph, lambda: None)
    score(str(standing.pk))
    standing.refresh_from_db()
    assert (standing.state, standing.attempt) == ("SUCCEEDED", 2)
