"""A dataset version and its export, and the death of the worker that makes them."""

from hashlib import sha256

import pytest

from datasets.models import DatasetVersion, DistillationRun, Export
from datasets.services.exports import create_export
from datasets.services.run_import import import_run
from datasets.services.versions import create_dataset, create_version
from tests.datasets.directories import write_directory
from tests.stack.processes import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.fault]
TREES = 800


@pytest.fixture
def growth(stack):
    yield stack.growth
    stack.growth.kill()


@pytest.fixture
def ask(stack, tmp_path):
    write_directory(tmp_path / "run", TREES)
    run = DistillationRun.objects.get(pk=import_run(path=tmp_path / "run", name="Large").run.pk)
    dataset = create_dataset(owner=None, name="Large")
    return lambda: create_version(owner=None, dataset=dataset, selections=run.selections.all(), recipe={"seed": 1})


def test_a_worker_killed_in_mid_build_and_in_mid_export(stack, growth, ask):
    def wait_for(work, state: str, attempt: int = 1) -> None:
        def there() -> bool:
            work.refresh_from_db()
            return work.state == state and work.attempt >= attempt

        wait_until(there, seconds=120, what=f"{work} to be {state}", detail=stack.logs)

    version, whole = ask(), ask()
    growth.start()
    for work in (version, None):
        work = work or create_export(owner=None, version=version, format="sft")[0]
        wait_for(work, "RUNNING")
        wait_until(lambda work=work: list((stack.files / "work").glob(f"{work.pk}-1/*")), seconds=60, what="a folder")
        growth.kill()
        work.refresh_from_db()
        assert work.state == "RUNNING", "it was done before it could be killed"
        assert not version.groups.exists() or work is not version
        growth.start()
        wait_for(work, "SUCCEEDED", attempt=2)
    wait_for(whole, "SUCCEEDED")
    assert version.content_hash == whole.content_hash
    assert version.groups.count() == TREES
    export = Export.objects.get()
    written = stack.files / export.file.name
    assert sha256(written.read_bytes()).hexdigest() == export.sha256
    # Nothing half-written is left: neither in the folder of work nor beside the file.
    wait_until(lambda: not list((stack.files / "work").iterdir()), seconds=10, what="an empty folder of work")
    assert [path.name for path in written.parent.iterdir()] == [written.name]
    assert DatasetVersion.objects.filter(state="SUCCEEDED").count() == 2
