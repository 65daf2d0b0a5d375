"""Exports: the rows that the command line writes, in one file that is whole, and the same each time."""

from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import orjson
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from datasets.models import DatasetVersion, DistillationRun, Export, RunCase
from datasets.services import exports, sweeping
from datasets.services.errors import VersionRefused
from datasets.services.exports import create_export
from datasets.services.run_export import export_run
from datasets.services.starting import start_run
from datasets.services.versions import create_version
from datasets.tasks import versions as tasks
from datasets.tasks.definitions import grow_chunk
from medaction import corpus
from medaction.distill.pruning import Thresholds
from medaction.distill.runs import open_run
from medaction.distill.shape import GrowthConfig, TreeShape
from medaction.formats.training import FORMATS
from tests.datasets import factories
from tests.datasets.test_versions import SPLITS, ask, dataset, here, imported, work  # noqa: F401

pytestmark = pytest.mark.django_db
write = tasks.write_export.run.__wrapped__


@pytest.fixture
def version(ask):  # noqa: F811
    return work(ask())


def write_out(version: DatasetVersion, name: str) -> Export:
    export, created = create_export(owner=None, version=version, format=name)
    assert created
    write(str(export.pk))
    return Export.objects.get(pk=export.pk)


@pytest.fixture
def export_of(version):
    return lambda name: write_out(version, name)


def compare_with_command_line(version: DatasetVersion, run: DistillationRun, name: str, scratch: Path) -> None:
    export = write_out(version, name)
    assert (export.state, export.error_message) == ("SUCCEEDED", "")
    content = export.file.read()
    assert (export.sha256, export.size_bytes) == (sha256(content).hexdigest(), len(content))
    export_run(run=run, path=scratch / "back")
    folder = scratch / "built"
    manifest = corpus.build_version([open_run(scratch / "back")], folder, corpus.Recipe(name, SPLITS, seed=4))
    with ZipFile(export.file.path) as archive:
        held = {entry: archive.read(entry) for entry in archive.namelist()}
        archive.extractall(scratch / "got")
    built = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert held == built
    assert corpus.check_version(scratch / "got")["ok"]
    assert export.row_count == sum(about["rows"] for about in manifest["splits"].values()) > 0
    splits = dict(version.groups.values_list("group_key", "split"))
    for split, about in manifest["splits"].items():
        if about["file"].endswith("jsonl"):
            rows = [orjson.loads(line) for line in held[f"data/{about['file']}"].splitlines()]
            assert all(splits[row["group"]] == split for row in rows)


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"dpo"}))
def test_every_format_is_what_the_command_line_writes(imported, version, name, tmp_path):  # noqa: F811
    compare_with_command_line(version, imported, name, tmp_path)


def test_the_pairs_of_a_run_grown_here(manager, dataset, graph, tmp_path):  # noqa: F811
    shape = GrowthConfig(TreeShape(root=3, below=2, leaves=8))
    cases, options = factories.make_cases(4), {"policy": "kg", "config": shape, "thresholds": Thresholds(), "seed": 3}
    run, _ = start_run(owner=manager, name="Grown", cases=cases, **options)
    for chunk in run.chunks.all():
        grow_chunk.run.__wrapped__(str(chunk.pk))
    run = DistillationRun.objects.get(pk=run.pk)
    recipe = {"splits": SPLITS, "seed": 4}
    asked = create_version(owner=manager, dataset=dataset, selections=run.selections.all(), recipe=recipe)
    compare_with_command_line(work(asked), run, "dpo", tmp_path)


def test_the_tree_export_is_the_version_itself(export_of, version):
    with ZipFile(export_of("tree").file.path) as archive:
        assert orjson.loads(archive.read("manifest.json"))["hash"] == version.content_hash


def test_a_rebuild_gives_the_same_bytes(export_of):
    first = export_of("sft")
    content = first.file.read()
    Export.objects.filter(pk=first.pk).update(state="CANCELLED", sha256="")
    second = export_of("sft")
    assert second.pk != first.pk
    assert second.file.read() == content


def test_a_format_is_written_once(export_of, manager, version):
    export = export_of("kto")
    again, created = create_export(owner=manager, version=version, format="kto")
    assert (again.pk, created) == (export.pk, False)


def test_an_export_leaves_out_what_the_version_left_out(ask, manager):  # noqa: F811
    kept = RunCase.objects.select_related("case").order_by("position")
    factories.copy_case(kept[0].case, source="Benchmark")
    version = work(ask(benchmark_sources=["Benchmark"]))
    # What the source holds later changes nothing of a version that is frozen.
    factories.copy_case(kept[1].case, source="Benchmark")
    export, _ = create_export(owner=manager, version=version, format="sft")
    write(str(export.pk))
    export.refresh_from_db()
    with ZipFile(export.file.path) as archive:
        manifest = orjson.loads(archive.read("manifest.json"))
    assert manifest["leaks"] == version.manifest["leaks"]
    assert manifest["counts"]["cases"] == version.counts["cases"]


def test_what_cannot_be_written_is_refused(ask, version):  # noqa: F811
    with pytest.raises(VersionRefused, match="not built"):
        create_export(owner=None, version=ask(), format="sft")
    with pytest.raises(VersionRefused, match="no format"):
        create_export(owner=None, version=version, format="exe")


def test_other_trees_than_those_of_the_version_are_noticed(version, manager):
    told = {**version.manifest, "counts": {**version.manifest["counts"], "trees": 11}}
    version.manifest = told
    export, _ = create_export(owner=manager, version=version, format="sft")
    export.version = version
    with pytest.raises(VersionRefused, match="counts differ"):
        exports.write_export(exports_claim(export, version), lambda: None)
    assert not list_files(export)


def exports_claim(export: Export, version: DatasetVersion) -> Export:
    claimed = exports.claim_export(export_id=str(export.pk), worker="test")
    claimed.version = version
    return claimed


def list_files(export: Export) -> list[str]:
    storage = Export._meta.get_field("file").storage
    folder = f"exports/{export.version_id}"
    return storage.listdir(folder)[1] if storage.exists(folder) else []


def lose() -> None:
    Export.objects.update(lease_expires_at=timezone.now() - timezone.timedelta(seconds=1))
    assert sweeping.sweep_versions() == 1


def test_a_worker_killed_before_its_commit_leaves_no_file_behind(manager, version, monkeypatch):
    export, _ = create_export(owner=manager, version=version, format="sft")
    dead = exports.claim_export(export_id=str(export.pk), worker="dead")
    storage = export.file.storage
    storage.save(exports._name(dead, 1), ContentFile(b"half"))
    lose()
    write(str(export.pk))
    export.refresh_from_db()
    assert (export.state, export.attempt) == ("SUCCEEDED", 2)
    assert list_files(export) == [f"{export.pk}-2.zip"]
    # It wakes up, and takes nothing away.
    assert not exports.write_export(dead, lambda: None)
    assert list_files(export) == [f"{export.pk}-2.zip"]
    assert sha256(export.file.read()).hexdigest() == export.sha256
