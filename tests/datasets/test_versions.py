"""Versions from the runs of the database: what the command line builds of them, frozen, fenced."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from datasets.models import Dataset, DatasetVersion, DistillationRun, RunCase
from datasets.services import building, sweeping
from datasets.services.benchmarks import create_benchmark
from datasets.services.errors import VersionRefused
from datasets.services.run_export import export_run
from datasets.services.run_import import import_run
from datasets.services.versions import create_dataset, create_version
from datasets.tasks import versions as tasks
from datasets.tasks.lease import Lease, WorkerClosing
from diagnosis.models import Case, Trajectory
from medaction import corpus
from medaction.corpus.splitting import assign_split
from medaction.distill.runs import open_run
from medaction.domain.environment import EnvironmentSettings
from tests.datasets import factories
from tests.datasets.directories import write_directory

pytestmark = pytest.mark.django_db
build = tasks.build_version.run.__wrapped__
SPLITS = {"train": 0.6, "validation": 0.2, "test": 0.2}


@pytest.fixture(autouse=True)
def here(settings, nowhere, files_folder):
    # No pulse: its connection would not see what this transaction has not committed.
    settings.DATASETS = {**settings.DATASETS, "HEARTBEAT_SECONDS": 3600}


@pytest.fixture
def imported(tmp_path):
    write_directory(tmp_path / "run", 12)
    return DistillationRun.objects.get(pk=import_run(path=tmp_path / "run", name="Twelve").run.pk)


@pytest.fixture
def dataset(manager):
    return create_dataset(owner=manager, name="Teaching cases")


@pytest.fixture
def ask(manager, dataset, imported):
    def create(**recipe):
        chosen = list(imported.selections.all())
        return create_version(
            owner=manager, dataset=dataset, selections=chosen, recipe={"splits": SPLITS, "seed": 4, **recipe}
        )

    return create


def work(version) -> DatasetVersion:
    build(str(version.pk))
    return DatasetVersion.objects.get(pk=version.pk)


def test_a_version_is_what_the_command_line_builds(ask, imported, tmp_path):
    version = work(ask())
    assert (version.state, version.error_message) == ("SUCCEEDED", "")
    export_run(run=imported, path=tmp_path / "back")
    recipe = corpus.Recipe("tree", SPLITS, seed=4)
    manifest = corpus.build_version([open_run(tmp_path / "back")], tmp_path / "built", recipe)
    assert version.content_hash == manifest["hash"]
    assert version.manifest == manifest
    assert version.card == corpus.render_card(manifest)
    assert version.counts["cases"] == version.counts["rows"] == 12
    assert version.licences == sorted(manifest["licences"])
    groups = dict(version.groups.values_list("group_key", "split"))
    assert groups == {case.group_key: assign_split(case.group_key, SPLITS, 4) for case in Case.objects.all()}
    assert len(set(groups.values())) > 1


def test_a_rebuild_has_the_same_hash_and_the_next_number(ask):
    first, second = work(ask()), work(ask())
    assert (first.number, second.number) == (1, 2)
    assert first.content_hash == second.content_hash
    assert work(ask(seed=5)).content_hash != first.content_hash


def test_what_is_built_is_frozen(ask):
    version = work(ask())
    for change in (
        lambda: DatasetVersion.objects.filter(pk=version.pk).update(manifest={}),
        lambda: version.groups.update(split="test"),
        lambda: version.selections.clear(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_trees_grown_after_it_was_asked_for_stay_out(ask, imported):
    late = imported.cases.order_by("position")[0].trajectory
    version = ask()
    Trajectory.objects.filter(pk=late.pk).update(created_at=timezone.now() + timezone.timedelta(hours=1))
    assert work(version).counts["cases"] == 11


def test_cases_of_a_benchmark_stay_out_and_are_listed(ask):
    cases = list(Case.objects.order_by("pk"))
    # Another case of the source shares its group with a case of the run.
    for case, group in ((cases[0], cases[0].group_key), (cases[1], cases[5].group_key)):
        factories.copy_case(case, source="Benchmark", group_key=group)
    version = work(ask(benchmark_sources=["Benchmark"]))
    told = version.manifest["leaks"]
    left_out = {leak["case"]: leak["kind"] for leak in told["cases"]}
    assert {cases[0].slug, cases[5].slug} <= set(left_out)
    assert left_out[cases[5].slug] == "GROUP"
    assert told["left_out"] == len(left_out)
    assert not version.groups.filter(group_key=cases[5].group_key).exists()


def test_cases_of_a_benchmark_of_this_site_stay_out(ask, imported):
    asked = list(Case.objects.filter(run_cases__run=imported).order_by("pk")[:3])
    create_benchmark(owner=None, name="Held apart", description="", cases=asked, protocol=EnvironmentSettings())
    told = work(ask(benchmarks=["held-apart"])).manifest["leaks"]
    assert {case.slug for case in asked} <= {leak["case"] for leak in told["cases"]}
    assert told["benchmark_cases"] == 3


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ({"splits": {"train": 0.9}}, "sum to 0.9"),
        ({"splits": {}}, "needs a share"),
        ({"splits": {"train": 0.5, "dev": 0.5}}, "no split dev"),
        ({"format": "word"}, "no format 'word'"),
        ({"near": 2}, "likeness"),
        ({"colour": "red"}, "colour"),
        ({"benchmark_sources": ["Nowhere"]}, "No case here is from Nowhere"),
        ({"benchmarks": ["nothing"]}, "no benchmark nothing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_makes_no_version_is_refused(ask, recipe, told):
    with pytest.raises(VersionRefused, match=told):
        ask(**recipe)
    assert not DatasetVersion.objects.exists()


def test_selections_that_make_no_version_are_refused(dataset, imported, waiting_run):
    def refuse(told, *selections, **recipe):
        with pytest.raises(VersionRefused, match=told):
            create_version(owner=None, dataset=dataset, selections=selections, recipe=recipe)

    own = imported.selections.get()
    refuse("at least one")
    refuse("same run", own, factories.make_selection(imported, {"dtc": 0.1}))
    refuse("still grows", own, waiting_run.selections.get())
    sources = list(Case.objects.filter(run_cases__run=imported).values_list("source", flat=True).distinct())
    refuse("nothing would be left", own, benchmark_sources=sources)


def test_a_name_is_taken_once(dataset):
    for name in (" teaching CASES ", "new", "!!"):
        with pytest.raises(VersionRefused):
            create_dataset(owner=None, name=name)
    assert Dataset.objects.count() == 1


def test_a_build_that_cannot_be_says_why(ask, imported):
    version = ask(policies=["nobody"])
    failed = work(version)
    assert failed.state == "FAILED"
    assert "policies" in failed.error_message
    assert not failed.groups.exists()


def test_a_full_disk_is_said(ask, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("datasets.services.building.export_run", full)
    failed = work(ask())
    assert failed.state == "FAILED"
    assert "No space left" in failed.error_message


def test_a_dead_worker_leaves_nothing_and_its_work_is_taken_up(ask, files_folder):
    version = ask()
    claimed = building.claim_version(version_id=str(version.pk), worker="dead")
    left = files_folder / "work" / f"{version.pk}-1"
    left.mkdir(parents=True)
    DatasetVersion.objects.update(lease_expires_at=timezone.now() - timezone.timedelta(seconds=1))
    assert sweeping.sweep_versions() == 1
    done = work(version)
    assert (done.state, done.attempt) == ("SUCCEEDED", 2)
    assert not list((files_folder / "work").iterdir())
    # The dead one wakes up.
    assert not building.build_version(claimed, lambda: None)
    assert not building.fail_version(claimed, "late")
    assert DatasetVersion.objects.get(pk=version.pk).content_hash == done.content_hash
    assert done.groups.count() == 12


def test_a_worker_that_closes_gives_it_back(ask, monkeypatch):
    version = ask()

    def close(self):
        raise WorkerClosing

    monkeypatch.setattr(Lease, "go_on", close)
    assert work(version).state == "QUEUED"
    monkeypatch.undo()
    assert work(version).state == "SUCCEEDED"


def test_a_build_that_kills_its_workers_is_given_up(ask, settings):
    version = ask()
    for _ in range(settings.DATASETS["MAX_ATTEMPTS"]):
        assert building.claim_version(version_id=str(version.pk), worker="dead")
        DatasetVersion.objects.update(lease_expires_at=timezone.now() - timezone.timedelta(seconds=1))
        sweeping.sweep_versions()
    version.refresh_from_db()
    assert version.state == "FAILED"
    assert "stopped 3 times" in version.error_message
    assert RunCase.objects.count() == 12
